"""What the intake has committed and answered since the start, by lane, and how late it was."""

from collections import Counter
from typing import TYPE_CHECKING

from devices.model.histogram import Histogram
from devices.wire.topics import LANES

if TYPE_CHECKING:
    from controller.plan import Plan
    from controller.sorting import SortedBlock


class Taken:
    """Counted after each commit, in the event loop."""

    def __init__(self) -> None:
        self.records: Counter[tuple[str, str]] = Counter()
        """By lane and kind: reading, waveform, event, alert."""
        self.receipts: Counter[str] = Counter()
        """Blocks receipted, again or not, by lane."""
        self.delay = {lane: Histogram() for lane in LANES}
        """From the measurement of a block's oldest record until it was committed, seconds."""
        self.batch = Histogram()
        """From the first look at a batch of messages until it was committed and told, seconds."""

    def committed(self, plan: "Plan", now_us: int) -> None:
        """`plan` is stored, at `now_us` of the controller's time scale."""
        for block in plan.batch.blocks:
            lane = LANES[block.key[1]]
            readings = sum(len(one.metrics) for one in block.series) + len(block.readings)
            if readings:
                self.records[lane, "reading"] += readings
            for kind, some in ("waveform", block.waves), ("event", block.events), ("alert", block.alerts):
                if some:
                    self.records[lane, kind] += len(some)
            if (began_us := oldest_us(block)) is not None:
                self.delay[lane].observe(max(0, now_us - began_us) / 1e6)
        for (_, key), numbers in plan.receipts.items():
            self.receipts[LANES[key[1]]] += len(numbers)


def oldest_us(block: "SortedBlock") -> int | None:
    """When the first record of its first kind was measured, in the controller's time scale."""
    if block.series:
        return block.series[0].at_us[0]
    for some in block.waves, block.alerts, block.readings, block.events:
        if some:
            return some[0][2].place.at_us
    return None

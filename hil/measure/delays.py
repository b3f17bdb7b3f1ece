"""From stimulus to alarm: which alarm belongs to which stimulus, how late it was, and what never came.

found = paired(stimuli=[1.0, 9.0], alarms=[1.4, 9.3])      # seconds of one clock
found.measured("alarm delay", Limits(upper=1.0), clock_s=0.002)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hil.errors import BadMeasurement
from hil.evidence.measurement import AnyMeasurement, Distribution, Limits, Measurement


@dataclass(frozen=True, slots=True)
class Paired:
    """`delays` in seconds, in the order of their stimuli; stimuli that raised nothing, alarms of nothing."""

    delays: tuple[float, ...]
    missed: tuple[float, ...]
    spurious: tuple[float, ...]

    def measured(
        self, name: str, limits: Mapping[str, Limits], clock_s: float, note: str = ""
    ) -> list[AnyMeasurement]:
        """The distribution, and that nothing was missed or raised for nothing.

        `clock_s` is the expanded uncertainty (k = 2) of one delay: what reading both clocks may add. Without
        any delay there is no distribution, only what was missed.
        """
        counts: list[AnyMeasurement] = [
            Measurement(f"{name}: {what}", len(many), "1", upper=0, uncertainty=0, samples=max(1, asked))
            for what, many, asked in (
                ("stimuli without an alarm", self.missed, len(self.delays) + len(self.missed)),
                ("alarms without a stimulus", self.spurious, len(self.delays) + len(self.spurious)),
            )
        ]
        if not self.delays:
            return counts
        return [Distribution(name, "s", self.delays, limits, clock_s, note=note), *counts]


def paired(stimuli: Sequence[float], alarms: Sequence[float]) -> Paired:
    """To each stimulus the first alarm from then on, before the next stimulus.

    Raises BadMeasurement when stimuli are not in order.
    """
    if any(later <= earlier for earlier, later in pairwise(stimuli)):
        raise BadMeasurement("expected stimuli in the order of their times, no two at once")
    waiting, delays, missed, used = sorted(alarms), list[float](), list[float](), set[int]()
    for number, at in enumerate(stimuli):
        until = stimuli[number + 1] if number + 1 < len(stimuli) else float("inf")
        found = next((index for index, one in enumerate(waiting) if at <= one < until), None)
        if found is None:
            missed.append(at)
        else:
            used.add(found)
            delays.append(waiting[found] - at)
    spurious = tuple(one for index, one in enumerate(waiting) if index not in used)
    return Paired(tuple(delays), tuple(missed), spurious)

"""What of a gateway's lanes is live, and what follows, as both ends show it: the same JSON. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from devices.wire.messages import LaneNow
from devices.wire.topics import LANES

LIVE_US = 5_000_000
"""A lane whose newest delivered block is older is not live, if any block waits."""


def is_live(lane: LaneNow, pending: int) -> bool:
    """Whether what is shown of the lane is of now."""
    return not pending or (lane.newest_us is not None and lane.newest_us <= LIVE_US)


def status(
    pending: Sequence[int],
    oldest_us: Sequence[int | None],
    lanes: Sequence[LaneNow],
    first: Iterable[tuple[str, str]],
) -> dict[str, Any]:
    """By lane, and the waveforms that go before others: JSON. `oldest_ms`: since when some are missing."""
    return {
        "lanes": {
            name: {
                "live": is_live(lane, waiting),
                "newest_ms": None if lane.newest_us is None else lane.newest_us // 1000,
                "pending_blocks": waiting,
                "later_blocks": lane.later,
                "later_seconds": lane.seconds,
                "oldest_ms": None if oldest is None else oldest // 1000,
            }
            for name, lane, waiting, oldest in zip(LANES, lanes, pending, oldest_us, strict=True)
        },
        "first_waves": [{"device": device, "metric": metric} for device, metric in first],
    }

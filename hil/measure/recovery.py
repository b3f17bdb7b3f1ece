"""How long after a fault everything was as before it, and stayed so.

found = recovery(observations, ended_s=12.0, steady_s=2.0)     # [(12.1, False), (12.4, True), ...]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hil.errors import BadMeasurement
from hil.evidence.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Recovery:
    """When it was seen to be well again, and how long before that it may have been."""

    ended_s: float
    seen_s: float
    since_s: float
    """The last look at which it was not well yet, or the fault's end."""

    def measured(self, name: str, upper_s: float | None = None) -> Measurement:
        """The time in the middle of the two looks; half the gap between them is all that it can be wrong."""
        half = (self.seen_s - self.since_s) / 2
        value = self.seen_s - half - self.ended_s
        note = "from the fault's end to well again; uncertain by the gap between two looks"
        return Measurement(name, value, "s", upper=upper_s, uncertainty=half, note=note)


def recovery(
    observations: Sequence[tuple[float, bool]], ended_s: float, steady_s: float = 0.0
) -> Recovery | None:
    """From looks (seconds, whether all is well) in order; None: it was not well for `steady_s` until the end.

    Raises BadMeasurement when the looks are not in order.
    """
    if any(later[0] < earlier[0] for earlier, later in pairwise(observations)):
        raise BadMeasurement("expected looks in the order of their times")
    began, since = None, ended_s
    for at, well in observations:
        if at < ended_s:
            continue
        if not well:
            began, since = None, at
        elif began is None:
            began = at
    last = observations[-1][0] if observations else ended_s
    if began is None or last - began < steady_s:
        return None
    return Recovery(ended_s, began, since)

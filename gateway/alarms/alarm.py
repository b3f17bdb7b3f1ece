"""An alarm of a patient: what is told of it, and what outlives the process."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, Instant, Priority

Who = tuple[DeviceId, LocationId | None]
Raised = tuple[Who, Alert]


class Unknown(StrEnum):
    """Why nobody knows whether an alarm's condition still holds."""

    LINK_LOST = "link-lost"
    """Its device is not connected any more."""
    STALE = "stale"
    """Its value does not come any more."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One that is active: `number` is its name, at this gateway."""

    number: int
    device: str
    bed: str | None
    code: str
    priority: int
    value: str
    limit: str
    onset_ms: int
    """From the first value beyond the limit to the alarm, ms."""
    is_seen: bool = False
    """Somebody acknowledged it."""
    is_over: bool = False
    """The condition is over, or nobody knows (`why`), and it is latched."""
    is_escalated: bool = False
    metric: str = ""
    """Whose value it is. Another metric of the same device neither ends nor begins it. "": not known, it was
    kept by an earlier release."""
    why: str = ""
    """One of `Unknown`, while it is over for that."""
    by: str = ""
    """Who acknowledged it."""
    is_by_crew: bool = False
    """Whether that was the crew, at the box, or somebody in the hospital."""

    @property
    def key(self) -> tuple[str, str]:
        """Device and code: there is one at a time."""
        return self.device, self.code

    @property
    def who(self) -> Who:
        """Whose it is."""
        return DeviceId(self.device), LocationId(self.bed) if self.bed else None

    def is_of(self, metric: str) -> bool:
        """Whether it speaks of values of `metric`."""
        return self.metric in ("", metric)

    def alert(self, at: Instant, *, active: bool = True, why: str = "") -> Raised:
        """As it goes into the journal."""
        flags = {"seen": self.is_seen, "over": self.is_over, "escalated": self.is_escalated}
        reason = why or self.why
        detail: dict[str, str | int] = {
            "alarm": self.number,
            "value": self.value,
            "limit": self.limit,
            "onset-ms": self.onset_ms,
            **{name: 1 for name, is_so in flags.items() if is_so},
            **({"why": reason} if reason else {}),
            **({"by": self.by} if self.by else {}),
            **({"crew": 1} if self.is_by_crew else {}),
        }
        return self.who, Alert(self.code, at, Priority(self.priority), active, detail)


def kept_alarm(kept: Mapping[str, Any]) -> Alarm:
    """One that was kept as `dataclasses.asdict` has it. Raises TypeError for what is none."""
    return Alarm(**kept)

"""One line of the audit trail."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

DONE, REFUSED, FAILED = "done", "refused", "failed"
"""Outcomes."""
GLASS = "break-glass"
"""The reason why somebody saw a patient of another ward; the words are in the entry that broke the glass."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. Only `patient` may hold a patient's identifier; nothing may hold a secret."""

    action: str
    """What was done, in the words of the route table or the command line: "gateway-provisioned"."""
    actor: str
    """Who: a user's name, "gateway:ward-a", "token:NAME", "cli:LOGIN", "controller"; "": not known."""
    entity: str = ""
    """To what: "gateway/ward-a", "bed/1", "user/anna"."""
    outcome: str = DONE
    """DONE, REFUSED or FAILED."""
    patient: str | None = None
    where: str = ""
    """The network address it came from; "" on the controller's own machine."""
    why: str = ""
    """The reason that was given."""
    detail: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


def canonical(entry: Entry, utc_us: int) -> str:
    """The entry as it is kept and hashed: JSON with sorted keys and no spaces, UTF-8 (after RFC 8785).

    Half of a surrogate pair, which UTF-8 cannot hold, becomes the escape that JSON has for it.
    """
    told = {"utc_us": utc_us, **asdict(entry)}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

"""For whom a process of ours speaks to the imaging service, whose inner door asks for no cookie.

Speaker("ae:CT1", "10.1.2.3", frozenset({"imaging:write"})).headers()
# {"Wardlink-Actor": "ae:CT1", "Wardlink-Address": "10.1.2.3", "Wardlink-Permissions": "imaging:write",
#  "Wardlink-Patients": "[]"}
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.held import Bed
from controller.imaging.errors import BadSpeaker
from controller.imaging.sight import Sight
from controller.security.gate import Access
from controller.security.permissions import Permission

ACTOR, ADDRESS, PERMISSIONS = "Wardlink-Actor", "Wardlink-Address", "Wardlink-Permissions"
PATIENTS, HELD, OPENED = "Wardlink-Patients", "Wardlink-Held", "Wardlink-Opened"
NOBODYS = Sight()
"""Sees no image."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who asks, from where, what they may do, and whose images they may see."""

    actor: str
    """A person's name, "token:pacs", "ae:CT1", "gateway:ambulance-7"."""
    address: str = ""
    permissions: frozenset[str] = frozenset()
    """Values of `Permission`."""
    sight: Sight = NOBODYS
    opened: frozenset[str] = frozenset()
    """Patients of other wards for whom the glass was broken: the trail says so of each look."""

    def headers(self) -> dict[str, str]:
        """The headers of a request that speaks for it."""
        told = {ACTOR: self.actor, ADDRESS: self.address, PERMISSIONS: " ".join(sorted(self.permissions))}
        if self.sight.patients is not None:
            told[PATIENTS] = json.dumps(sorted(self.sight.patients))
        if self.opened:
            told[OPENED] = json.dumps(sorted(self.opened))
        return told | ({HELD: "1"} if self.sight.held else {})


def spoken_for(headers: Mapping[str, str]) -> Speaker:
    """The Speaker that `headers` are of. Raises BadSpeaker."""
    actor = headers.get(ACTOR, "")
    if not actor:
        raise BadSpeaker(f"expected a header {ACTOR}, there is none: say for whom the request is made")
    patients = _patients(PATIENTS, headers[PATIENTS]) if PATIENTS in headers else None
    opened = _patients(OPENED, headers.get(OPENED, "[]"))
    permissions = frozenset(headers.get(PERMISSIONS, "").split())
    sight = Sight(patients, headers.get(HELD) == "1")
    return Speaker(actor, headers.get(ADDRESS, ""), permissions, sight, opened)


def _patients(header: str, text: str) -> frozenset[str]:
    try:
        told: Any = json.loads(text)
    except ValueError as error:
        raise BadSpeaker(f"expected {header} to be a list in JSON: {error}") from None
    if not (isinstance(told, list) and all(isinstance(one, str) for one in told)):
        raise BadSpeaker(f"expected {header} to be a list of texts in JSON, got {text!r:.60}")
    return frozenset(told)


def sight_of(access: Access, beds: Iterable[Bed]) -> Sight:
    """Whose images `access` may see: of the patients on the beds that it sees, and of those for whom it broke
    the glass; who has all wards sees everybody's, and who looks after the archive those in doubt, too.
    `beds`: all that there are.
    """
    if Permission.MANAGE_IMAGES in access.permissions:
        return Sight(None, held=True)
    if access.view.wards is None:
        return Sight(None)
    seen = {bed.patient.identifier for bed in beds if bed.patient and _shows(access, bed)}
    return Sight(frozenset(seen) | access.view.patients)


def _shows(access: Access, bed: Bed) -> bool:
    return access.view.shows(bed.ward, bed.patient.identifier if bed.patient else None)


def speaker_of(access: Access, address: str, beds: Iterable[Bed]) -> Speaker:
    """The Speaker for a person or a token that the controller's gate has let in."""
    permissions = frozenset(str(one) for one in access.permissions)
    return Speaker(access.user.name, address, permissions, sight_of(access, beds), access.view.patients)

"""How somebody of ours gets into the room of a conference that a partner holds: by the word of our site.

address = await joining.way_in("hospital-a", "MC00000001", by)     # good once, for a minute: for the browser
"""

from pathlib import Path
from urllib.parse import urlsplit

import orjson

from controller.audit.entry import Entry
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.partners.client import Line
from controller.partners.invitations import Invitations
from controller.partners.sender import PATH

TIMEOUT_S = 10.0


class Joining:
    """`folder`: the authority's."""

    def __init__(self, invitations: Invitations, folder: Path) -> None:
        self._invitations = invitations
        self._folder = folder

    async def way_in(self, site: str, number: str, by: By) -> str:
        """The address that lets `by.actor` in. Raises NotFound; Conflict: the host says why not;
        PartnerSilent, AuthorityError, StoreError."""
        partner, invitation = await self._invitations.find(site, number, by.actor)
        asked = orjson.dumps({"number": invitation.number, "name": by.actor})
        async with Line(self._folder, partner, TIMEOUT_S) as line:
            status, told = await line.post(f"{PATH}/ways-in", asked)
        address = told.get("address")
        if status != 200 or not isinstance(address, str) or not _is_page(address):
            error = told.get("error")
            said = error.get("message") if isinstance(error, dict) else None
            raise Conflict(f"{partner.name} lets nobody in now: {said or 'it does not say why'!s:.160}")
        entity = f"{partner.entity}/{number}"
        entry = Entry("conference-way-in-had", by.actor, entity, where=by.where)
        await self._invitations.note(entry)
        return address


def _is_page(address: str) -> bool:
    """Whether it is one that a browser may be sent to."""
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
    return is_safe and parts.path == "/partner-room" and parts.username is None and len(address) < 500

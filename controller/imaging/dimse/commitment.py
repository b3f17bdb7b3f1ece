"""Storage commitment, push model (PS3.4, J): may a peer forget its own copies?

A request is answered when it is on our disk. Then each instance is read from the archive, and the result is
told on an association of our own, again and again until the peer has taken it. Whatever is not there, or is
quarantined, or is of another class, is said to have failed: PS3.3, C.14.1.1.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from pydicom import Dataset
from pydicom.uid import UID
from pynetdicom import build_context, build_role, evt

from controller.errors import StoreError
from controller.imaging.archive.uids import checked
from controller.imaging.dimse.contexts import COMMITMENT, NATIVE
from controller.imaging.dimse.identifier import identifier, values
from controller.imaging.dimse.journal import Commitment, Item, Journal
from controller.imaging.dimse.known import allowed
from controller.imaging.dimse.outgoing import Outgoing
from controller.imaging.dimse.retrieve import AT_ONCE, reference_of
from controller.imaging.dimse.service import Reference, Service
from controller.imaging.dimse.settings import DimseSettings, May, Peer
from controller.imaging.dimse.store import NOT_AUTHORISED, PROCESSING_FAILURE
from controller.imaging.errors import BadQuery, BadUid, ServiceRefused, ServiceSilent
from controller.imaging.sight import WHOLE
from controller.imaging.speaker import Speaker
from controller.security.permissions import Permission

WELL_KNOWN: Final = "1.2.840.10008.1.20.1.1"
"""Storage Commitment Push Model SOP Instance."""
_REQUEST, _ALL_THERE, _SOME_MISSING = 1, 1, 2
"""Action Type ID; Event Type IDs."""
_NO_SUCH_INSTANCE, _CLASS_CONFLICT, _INVALID, _NO_SUCH_ACTION = 0x0112, 0x0119, 0x0115, 0x0123
_TRANSACTION, _ITEMS, _CLASS, _INSTANCE = "00081195", "00081199", "00081150", "00081155"
_READS: Final = frozenset((str(Permission.READ_IMAGES),))

log = logging.getLogger(__name__)


def commit(
    event: evt.Event, settings: DimseSettings, service: Service, journal: Journal
) -> tuple[int, Dataset | None]:
    """Handler of EVT_N_ACTION."""
    who = allowed(event, settings, May.COMMIT)
    if who is None:
        return NOT_AUTHORISED, None
    request: Any = event.request
    if request.ActionTypeID != _REQUEST:
        return _NO_SUCH_ACTION, None
    if request.RequestedSOPInstanceUID != WELL_KNOWN:
        return _NO_SUCH_INSTANCE, None
    try:
        transaction, items = asked(identifier(event, "ActionInformation"))
        service.wait(journal.add(who[0].title, transaction, items))
    except (BadQuery, BadUid) as error:
        log.warning("%s: a request for commitment is refused: %s", who[0].title, error)
        return _INVALID, None
    except StoreError as error:
        log.warning("%s: a request for commitment cannot be kept: %s", who[0].title, error)
        return PROCESSING_FAILURE, None
    return 0, None


def asked(keys: Any) -> tuple[str, list[Item]]:
    """Transaction UID, and the instances. Raises BadQuery, BadUid."""
    transaction = checked((values(keys, _TRANSACTION) or [""])[0], "Transaction UID")
    told = keys.get(_ITEMS, {}).get("Value", [])
    if not told:
        raise BadQuery("expected a Referenced SOP Sequence with an item, there is none")
    return transaction, [
        (
            checked((values(item, _CLASS) or [""])[0], "Referenced SOP Class UID"),
            checked((values(item, _INSTANCE) or [""])[0], "Referenced SOP Instance UID"),
        )
        for item in told
    ]


class Reporter:
    """Tells peers what became of their requests."""

    def __init__(
        self, settings: DimseSettings, service: Service, journal: Journal, outgoing: Outgoing
    ) -> None:
        self._settings = settings
        self._service = service
        self._journal = journal
        self._outgoing = outgoing

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            self._journal.changed.clear()
            await asyncio.gather(*(self._deliver(one) for one in await self._journal.due()))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._journal.changed.wait(), await self._journal.wait_s())

    async def _deliver(self, one: Commitment) -> None:
        peer = self._settings.peer(one.title)
        try:
            took = peer is not None and peer.port is not None and await self._told(peer, one)
        except (ServiceRefused, ServiceSilent) as error:
            log.warning("%s: a commitment waits: %s", one.title, error)
            took = False
        if took:
            await self._journal.delivered(one)
        elif not await self._journal.failed(one):
            log.error("%s: a commitment report was not taken for a week, and is given up", one.title)

    async def _told(self, peer: Peer, one: Commitment) -> bool:
        missing = await self._missing(peer, one.items)
        return await asyncio.to_thread(self._report, peer, report(one, missing, self._settings.title))

    async def _missing(self, peer: Peer, items: Sequence[Item]) -> dict[str, int]:
        """Why each instance that the archive does not answer for is not committed."""
        who = Speaker(f"commitment:{peer.title}", "", _READS, WHOLE)
        there: dict[str, Reference] = {}
        for begin in range(0, len(items), AT_ONCE):
            uids = ",".join(instance for _, instance in items[begin : begin + AT_ONCE])
            for found in await self._service.page(who, "instances", {"SOPInstanceUID": uids}):
                reference = reference_of(found)
                there[reference.instance] = reference
        missing: dict[str, int] = {}
        for sop_class, instance in items:
            reference = there.get(instance)
            if reference is None:
                missing[instance] = _NO_SUCH_INSTANCE
            elif reference.sop_class != sop_class:
                missing[instance] = _CLASS_CONFLICT
            elif not await self._service.holds(who, reference):
                missing[instance] = PROCESSING_FAILURE
        return missing

    def _report(self, peer: Peer, report: Dataset) -> bool:
        """Whether the peer has taken it. In a thread."""
        context = build_context(COMMITMENT, list(NATIVE))
        role = build_role(COMMITMENT, scp_role=True)
        arguments = self._outgoing.arguments(peer)
        try:
            association = self._outgoing.entity.associate(
                peer.host, peer.port, contexts=[context], ext_neg=[role], **arguments
            )
            if not association.is_established:
                return False
            kind = _SOME_MISSING if "FailedSOPSequence" in report else _ALL_THERE
            answer, _ = association.send_n_event_report(report, kind, UID(COMMITMENT), UID(WELL_KNOWN))
            association.release()
        except (OSError, ValueError, RuntimeError) as error:
            log.warning("%s: a commitment report was not taken: %s", peer.title, error)
            return False
        return "Status" in answer and answer.Status == 0


def report(one: Commitment, missing: dict[str, int], title: str) -> Dataset:
    """Event Information (PS3.4, table J.3-2)."""
    told = Dataset()
    told.TransactionUID = one.transaction
    told.RetrieveAETitle = title
    there = [_item(item) for item in one.items if item[1] not in missing]
    failed = [_item(item, missing[item[1]]) for item in one.items if item[1] in missing]
    if there:
        told.ReferencedSOPSequence = there
    if failed:
        told.FailedSOPSequence = failed
    return told


def _item(item: Item, reason: int | None = None) -> Dataset:
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = item
    if reason is not None:
        found.FailureReason = reason
    return found

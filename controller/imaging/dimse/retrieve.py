"""C-GET and C-MOVE: images out (PS3.4, C.4.2, C.4.3), by QIDO-RS and WADO-RS.

C-GET sends on the association of the request, C-MOVE to a peer that the settings know, never to an address
that the request names. An image whose stored form the receiver does not take is sent in another that loses
nothing, or counted as failed.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import evt

from controller.imaging.dicom.elements import DataSet
from controller.imaging.dicomweb.query import LONGEST_VALUE
from controller.imaging.dimse.contexts import moved_contexts
from controller.imaging.dimse.find import CANCELLED, MISMATCH, PENDING
from controller.imaging.dimse.identifier import Level, above, identifier, is_wild, level, values
from controller.imaging.dimse.known import allowed
from controller.imaging.dimse.outgoing import Outgoing
from controller.imaging.dimse.sending import Courier, Sending, sends_files
from controller.imaging.dimse.service import Answer, Reference, Service
from controller.imaging.dimse.settings import DimseSettings, May, Peer
from controller.imaging.dimse.store import NOT_AUTHORISED, OUT_OF_RESOURCES
from controller.imaging.errors import BadQuery, ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker

_STUDY, _SERIES, _INSTANCE, _CLASS = "0020000D", "0020000E", "00080018", "00080016"
_SYNTAX = "00083002"
"""Available Transfer Syntax UID."""
AT_ONCE: Final = LONGEST_VALUE // 65
"""UIDs in one search, with their commas."""

log = logging.getLogger(__name__)


def get(event: evt.Event, settings: DimseSettings, service: Service) -> Iterator[Any]:
    """Handler of EVT_C_GET: how many, then (status, what) of each."""
    who = allowed(event, settings, May.RETRIEVE)
    try:
        references = [] if who is None else wanted(event, service, who[1])
    except (BadQuery, ServiceRefused, ServiceSilent) as error:
        log.warning("%s: C-GET is refused: %s", event.assoc.requestor.ae_title, error)
        yield 1
        yield (MISMATCH if isinstance(error, BadQuery) else OUT_OF_RESOURCES), None
        return
    if who is None:
        yield 1
        yield NOT_AUTHORISED, None
        return
    sends_files(event.assoc, Courier(service, who[1]))
    yield len(references)
    yield from _each(event, references)


def move(event: evt.Event, settings: DimseSettings, service: Service, outgoing: Outgoing) -> Iterator[Any]:
    """Handler of EVT_C_MOVE: where to, how many, then (status, what) of each.

    Raises BadQuery, ServiceRefused, ServiceSilent, which pynetdicom answers as "unable to process" (C514):
    the protocol of its handlers leaves no other way before there is an association.
    """
    who = allowed(event, settings, May.RETRIEVE)
    to = settings.peer((event.move_destination or "").strip())
    if who is None or to is None or to.port is None:
        log.warning("%s: C-MOVE to nobody whom we know", event.assoc.requestor.ae_title)
        yield None, None
        return
    references = wanted(event, service, who[1])
    courier = Courier(service, who[1] if to is who[0] else _sends_to(who[1], to))
    contexts = moved_contexts(references)
    yield to.host, to.port, {"contexts": contexts, "courier": courier, **outgoing.arguments(to)}
    yield len(references)
    yield from _each(event, references)


def _sends_to(speaker: Speaker, to: Peer) -> Speaker:
    """The trail is to say who was given the images: "ae:WS1>WS2", when WS1 had them moved to WS2."""
    return replace(speaker, actor=f"{speaker.actor}>{to.title}")


def _each(event: evt.Event, references: list[Reference]) -> Iterator[tuple[int, Dataset | None]]:
    for reference in references:
        if event.is_cancelled:
            yield CANCELLED, None
            return
        yield PENDING, Sending(reference)


def wanted(event: evt.Event, service: Service, speaker: Speaker) -> list[Reference]:
    """The images that a request names. Raises BadQuery, ServiceRefused, ServiceSilent."""
    keys = identifier(event)
    found = {
        answer.instance: answer
        for query in queries(keys, level(keys, event.context.abstract_syntax))
        for page in service.search(speaker, "instances", {**query, "includefield": _SYNTAX})
        for answer in map(reference_of, page)
    }
    return list(found.values())


def queries(keys: DataSet, at: Level) -> Iterator[dict[str, str]]:
    """Searches that find them: by unique keys, of `at` a list (PS3.4, C.4.2.2.1). Raises BadQuery."""
    fixed = above(keys, at)
    told = values(keys, at.value)
    if not told or any(map(is_wild, told)) or (at is Level.PATIENT and len(told) > 1):
        raise BadQuery(f"at level {at.name} expected its unique key, with a value and without wild cards")
    for begin in range(0, len(told), AT_ONCE):
        yield fixed | {at.value: ",".join(told[begin : begin + AT_ONCE])}


def reference_of(found: Answer) -> Reference:
    """What QIDO-RS says of an instance."""
    return Reference(
        *((values(found, tag) or [""])[0] for tag in (_STUDY, _SERIES, _INSTANCE, _CLASS, _SYNTAX))
    )

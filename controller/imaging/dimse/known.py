"""Who asks for an association, before anything of it is negotiated. Anyone else is rejected.

An AE title is a name that anybody can write. It counts together with the certificate whose fingerprint the
settings bind it to; or, of a device that has no TLS, with the address that the settings bind it to.
"""

import hashlib
import logging
import socket
import ssl
from typing import Any

from pynetdicom import evt

from controller.imaging.dimse.contexts import supported_contexts
from controller.imaging.dimse.settings import DimseSettings, May, Peer
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.security.permissions import Permission

_CALLING_UNKNOWN, _CALLED_UNKNOWN, _TOO_MANY = (1, 1, 3), (1, 1, 7), (2, 3, 2)
"""Result, source and reason of A-ASSOCIATE-RJ (PS3.8, table 9-21)."""
_NEEDED = {
    May.STORE: Permission.ADD_IMAGES,
    May.FIND: Permission.READ_IMAGES,
    May.RETRIEVE: Permission.READ_IMAGES,
    May.COMMIT: Permission.READ_IMAGES,
    May.WORKLIST: Permission.READ_IMAGES,
}

log = logging.getLogger(__name__)


def identify(event: evt.Event, settings: DimseSettings) -> None:
    """Handler of EVT_REQUESTED: rejects who is not known, and narrows to what this one may do."""
    association: Any = event.assoc
    request = association.requestor.primitive
    title, called = request.calling_ae_title.strip(), request.called_ae_title.strip()
    address = association.requestor.address
    peer = settings.peer(title)
    if called != settings.title:
        _reject(association, _CALLED_UNKNOWN, f"{title!r:.20} at {address} calls {called!r:.20}")
    elif peer is None or not is_it(peer, association.dul.socket.socket, address):
        _reject(association, _CALLING_UNKNOWN, f"{title!r:.20} at {address} is nobody whom we know")
    elif sum(one.is_acceptor and one.is_established for one in association.ae.active_associations) >= (
        settings.associations
    ):
        _reject(association, _TOO_MANY, f"{title} at {address}: there are {settings.associations} already")
    else:
        association.acceptor.supported_contexts = list(supported_contexts(peer.may))


def is_it(peer: Peer, connection: socket.socket | None, address: str) -> bool:
    """Whether the other end of `connection` is `peer`."""
    if isinstance(connection, ssl.SSLSocket):
        return peer.fingerprint is not None and fingerprint(connection) == peer.fingerprint
    return peer.fingerprint is None and connection is not None and address in _addresses(peer.host)


def fingerprint(connection: ssl.SSLSocket) -> str:
    """SHA-256 of the other end's certificate, hexadecimal; "": it showed none."""
    certificate = connection.getpeercert(binary_form=True)
    return hashlib.sha256(certificate).hexdigest() if certificate else ""


def peer_of(event: evt.Event, settings: DimseSettings) -> Peer | None:
    """Who makes a request on an association that `identify` let through."""
    return settings.peer(event.assoc.requestor.ae_title.strip())


def speaker(peer: Peer, address: str) -> Speaker:
    """The peer, as the imaging service is told: it may see everybody's images, but those whose patient is in
    doubt."""
    permissions = frozenset(str(_NEEDED[may]) for may in peer.may)
    return Speaker(f"ae:{peer.title}", address, permissions, Sight(None))


def allowed(event: evt.Event, settings: DimseSettings, may: May) -> tuple[Peer, Speaker] | None:
    """Who asks, if this one may; else None. The roles of contexts say the same; a peer may ignore those."""
    peer = peer_of(event, settings)
    if peer is None or may not in peer.may:
        return None
    return peer, speaker(peer, event.assoc.requestor.address)


def _reject(association: Any, how: tuple[int, int, int], why: str) -> None:
    log.warning("an association is rejected: %s", why)
    association.acse.send_reject(*how)
    association.kill()


def _addresses(host: str) -> frozenset[str]:
    try:
        return frozenset(str(found[4][0]) for found in socket.getaddrinfo(host, None))
    except OSError:
        log.warning("the address of %s cannot be found", host)
        return frozenset()

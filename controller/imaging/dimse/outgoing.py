"""Associations that we request: of C-MOVE, and of commitment reports.

To a peer with a fingerprint by TLS, and nothing is sent before its certificate is seen to be the one.
"""

import contextlib
import logging
import socket
import ssl
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.association import Association

from controller.imaging.dimse.guard import ANNOUNCED_PDU, Guard
from controller.imaging.dimse.known import is_it
from controller.imaging.dimse.sending import Courier, sends_files
from controller.imaging.dimse.settings import Peer

log = logging.getLogger(__name__)


class Entity(AE):
    """Our application entity."""

    def associate(self, *arguments: Any, courier: Courier | None = None, **named: Any) -> Association:
        """See AE.associate. With a `courier` the association sends what that fetches: for C-MOVE, of which
        pynetdicom requests the association itself."""
        association = super().associate(*arguments, **named)
        if courier is not None:
            sends_files(association, courier)
        return association


class Outgoing:
    """How associations are requested."""

    def __init__(self, entity: Entity, guard: Guard, tls: ssl.SSLContext | None) -> None:
        self.entity = entity
        self.tls = tls
        """May be replaced by one with newer certificates."""
        self._guard = guard

    def arguments(self, peer: Peer) -> dict[str, Any]:
        """For `AE.associate`, to connect to `peer`."""
        arguments: dict[str, Any] = {
            "ae_title": peer.title,
            "max_pdu": ANNOUNCED_PDU,
            "evt_handlers": [(evt.EVT_CONN_OPEN, _check, [peer]), *self._guard.handlers],
        }
        if peer.fingerprint is not None:
            arguments["tls_args"] = (self.tls, peer.host)
        return arguments


def _check(event: evt.Event, peer: Peer) -> None:
    """Handler of EVT_CONN_OPEN: leaves when another answers than `peer`."""
    connection: Any = event.assoc.dul.socket
    if peer.fingerprint is not None and not is_it(peer, connection.socket, ""):
        log.warning(
            "%s: another certificate than its own answers at %s: nothing is sent", peer.title, peer.host
        )
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)

"""Our application entity on the hospital's DICOM network: who may come in, and which function answers what.

async with opened(settings, clock) as (door, reporting):
    door.ports                                  # {"plain": 11112, "tls": 2762}
"""

import asyncio
import logging
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pynetdicom import evt
from pynetdicom.transport import ThreadedAssociationServer

from controller.clock import Clock
from controller.imaging.dimse.commitment import Reporter, commit
from controller.imaging.dimse.contexts import supported_contexts
from controller.imaging.dimse.find import find
from controller.imaging.dimse.guard import ANNOUNCED_PDU, Guard, LateHandshake, Strangers, quiet, send_away
from controller.imaging.dimse.journal import Journal
from controller.imaging.dimse.known import identify
from controller.imaging.dimse.outgoing import Entity, Outgoing
from controller.imaging.dimse.retrieve import get, move
from controller.imaging.dimse.service import Service
from controller.imaging.dimse.settings import DimseSettings, DimseTls
from controller.imaging.dimse.store import store

ACSE_S, CONNECT_S, ANSWER_S, PDU_S = 10.0, 10.0, 60.0, 30.0
"""For an association request; for a connection of ours; for an answer of a peer's; for a PDU."""
BACKLOG = 64
"""Connections that the kernel takes before we do; pynetdicom's 5 make a peer wait a second behind a burst."""

log = logging.getLogger(__name__)


class Door:
    """The servers, one without TLS, one with it."""

    def __init__(self, settings: DimseSettings, service: Service, journal: Journal, clock: Clock) -> None:
        self._settings = settings
        self._guard = Guard(settings.largest, PDU_S, clock)
        self.entity = _entity(settings)
        tls = settings.tls
        self.outgoing = Outgoing(self.entity, self._guard, tls and client_context(tls))
        self._late = LateHandshake(server_context(tls)) if tls else None
        self._handlers = self._bound(service, journal)
        self._servers: dict[str, ThreadedAssociationServer] = {}

    @property
    def ports(self) -> dict[str, int]:
        """Where it listens: "plain", "tls"."""
        return {name: server.server_address[1] for name, server in self._servers.items()}

    def open(self) -> None:
        """Listen. Raises OSError: a port is taken, or the address is not ours."""
        if self._settings.port is not None:
            self._serve("plain", self._settings.port, None)
        if self._late is not None and self._settings.tls is not None:
            self._serve("tls", self._settings.tls.port, self._late)

    def close(self) -> None:
        """Listen no more, and end every association."""
        for server in self._servers.values():
            server.shutdown()
        for association in self.entity.active_associations:
            if association.is_established:
                association.abort()
            else:
                send_away(association)

    def renew(self) -> None:
        """Read the certificates again, for connections from now on. Raises OSError, ssl.SSLError."""
        if (tls := self._settings.tls) is not None and self._late is not None:
            self._late.context, self.outgoing.tls = server_context(tls), client_context(tls)

    def _serve(self, name: str, port: int, late: Any) -> None:
        server: Any = self.entity.start_server(
            (self._settings.host, port),
            block=False,
            ssl_context=late,
            evt_handlers=self._handlers,
            contexts=list(supported_contexts(frozenset())),
        )
        server.socket.listen(BACKLOG)
        self._servers[name] = server
        log.info(
            "%s listens at %s:%d (%s)", self._settings.title, self._settings.host, self.ports[name], name
        )

    def _bound(self, service: Service, journal: Journal) -> list[Any]:
        settings = self._settings
        return [
            (evt.EVT_CONN_OPEN, Strangers().came),
            *self._guard.handlers,
            (evt.EVT_REQUESTED, identify, [settings]),
            (evt.EVT_C_ECHO, _echo),
            (evt.EVT_C_STORE, store, [settings, service]),
            (evt.EVT_C_FIND, find, [settings, service]),
            (evt.EVT_C_GET, get, [settings, service]),
            (evt.EVT_C_MOVE, move, [settings, service, self.outgoing]),
            (evt.EVT_N_ACTION, commit, [settings, service, journal]),
        ]


@asynccontextmanager
async def opened(settings: DimseSettings, clock: Clock) -> AsyncIterator[tuple[Door, asyncio.Task[None]]]:
    """Serve inside the block. The task reports commitments, and never ends but by an error.

    Raises OSError, StoreError, ssl.SSLError when it cannot start.
    """
    quiet()
    on_the_way = settings.folder / "on-the-way"
    on_the_way.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in on_the_way.iterdir():  # by a process that was killed; nobody was told that it is kept
        left.unlink()
    before, tempfile.tempdir = tempfile.tempdir, str(on_the_way)  # where pynetdicom writes data sets
    service = Service(settings.socket, asyncio.get_running_loop())
    journal = await Journal.open(settings.folder, clock)
    door = Door(settings, service, journal, clock)
    try:
        door.open()
        reporting = asyncio.create_task(Reporter(settings, service, journal, door.outgoing).run())
        try:
            yield door, reporting
        finally:
            reporting.cancel()
    finally:
        await asyncio.to_thread(door.close)
        tempfile.tempdir = before
        await service.close()
        await journal.close()


def server_context(tls: DimseTls) -> ssl.SSLContext:
    """PS3.15, B.12: TLS 1.2 or later; who shows no certificate, or one of another authority, is cut off."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return _loaded(context, tls, tls.certificate, tls.key)


def client_context(tls: DimseTls) -> ssl.SSLContext:
    """Of associations that we request. Names of hosts are not compared: fingerprints are (outgoing.py)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    return _loaded(context, tls, tls.client or tls.certificate, tls.client or tls.key)


def _loaded(context: ssl.SSLContext, tls: DimseTls, certificate: Path, key: Path) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(tls.ca)
    context.load_cert_chain(certificate, key)
    return context


def _entity(settings: DimseSettings) -> Entity:
    entity = Entity(settings.title)
    entity.maximum_associations = sys.maxsize  # known.py counts those that are established
    entity.maximum_pdu_size = ANNOUNCED_PDU
    entity.acse_timeout, entity.connection_timeout = ACSE_S, CONNECT_S
    entity.dimse_timeout, entity.network_timeout = ANSWER_S, settings.idle_s
    return entity


def _echo(_: evt.Event) -> int:
    """C-ECHO (PS3.4, A): whoever has an association may."""
    return 0

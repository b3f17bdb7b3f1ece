"""The controller's end of asking.py: says who asks and whose images they may see, writes the audit trail.

async with Desk(path, app[CONTEXT], app[LOGINS].tokens).open(): …
"""

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from os import geteuid
from pathlib import Path
from typing import Any

import orjson

from controller.api.context import Context
from controller.audit.entry import GLASS, REFUSED, Entry
from controller.errors import StoreError
from controller.imaging.scopes import permissions_of_scopes
from controller.imaging.sight import Sight
from controller.imaging.speaker import sight_of
from controller.radiology.worklist import items
from controller.security.buckets import Buckets
from controller.security.sessions import Session
from controller.security.token_access import WRONG_AT_ONCE, WRONG_PER_S, TokenAccess
from controller.security.tokens import Token, Tokens
from controller.security.users import User
from controller.sockets import reachable
from controller.view import View

LONGEST_LINE = 1 << 20
PER_S, AT_ONCE = 500, 2000
"""Requests of one token: a viewer asks for each image by itself. Answers are kept a second by who asks."""

_NAMES = """SELECT identifier, name FROM stay WHERE id IN (SELECT max(id) FROM stay
  WHERE identifier IN (SELECT value FROM json_each(?)) AND name <> '' GROUP BY identifier)"""

log = logging.getLogger(__name__)
Json = dict[str, Any]


class Desk:
    """Answers the imaging service, and nobody else: its socket is our own user's alone."""

    def __init__(self, path: Path, parts: Context, tokens: Tokens) -> None:
        """At the socket `path`, with the controller's `parts` and its API `tokens`."""
        self._path = path
        self._sessions = parts.sessions
        self._tokens = tokens
        self._registry = parts.registry
        self._store = parts.store
        self._trail = parts.trail
        self._radiology = parts.radiology
        self._patients_of = parts.patients
        self._clock = parts.clock
        self._asked = Buckets(parts.clock, PER_S, AT_ONCE)
        self._wrong = Buckets(parts.clock, WRONG_PER_S, WRONG_AT_ONCE)
        self._questions: Mapping[str, Callable[[Json], Awaitable[Mapping[str, Any]]]] = {
            "access": self._access,
            "record": self._record,
            "patients": self._patients,
            "worklist": self._worklist,
            "arrived": self._arrived,
        }
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Answer inside the block. Raises OSError."""
        self._path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._serve, reachable(self._path), limit=LONGEST_LINE)
        self._path.chmod(0o600)
        telling = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            for task in (telling, *self._tasks):
                task.cancel()
            server.close()
            for writer in tuple(self._writers):
                writer.close()
            self._path.unlink(missing_ok=True)

    async def _tell(self) -> None:
        while True:
            await self._sessions.changed.wait()
            for writer in self._writers:
                writer.write(b'{"forget":true}\n')

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if _peer(writer) != geteuid():
            log.error("another user's process asked at %s: not answered", self._path)
            writer.close()
            return
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                task = asyncio.create_task(self._answer(orjson.loads(line), writer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, asked: Json, writer: asyncio.StreamWriter) -> None:
        try:
            told = await self._questions[asked["ask"]](asked)
        except StoreError as error:
            told = {"error": str(error), "refused": [503, "store", str(error)]}
        with suppress(ConnectionError):
            writer.write(orjson.dumps({"id": asked["id"], **told}) + b"\n")
            await writer.drain()

    async def _access(self, asked: Json) -> Mapping[str, Any]:
        if asked["token"]:
            return await self._token(str(asked["token"]), str(asked["address"]))
        session = await self._sessions.find(asked["cookie"])
        return {"nobody": True} if session is None else self._person(session)

    def _person(self, session: Session) -> Json:
        user, sight = session.user, sight_of(session, self._registry.beds.values())
        return {
            "user": user.name,
            "roles": sorted(user.roles),
            "permissions": sorted(session.permissions),
            "wards": _sorted(user.wards),
            "opened": sorted(session.view.patients),
            "state": session.state,
            **_seen(sight),
        }

    async def _token(self, header: str, address: str) -> Json:
        """As controller/security/token_access.py, by scopes of ImagingStudy."""
        token = await self._tokens.find(header.removeprefix("Bearer "))
        if token is None:
            wait_s = self._wrong.take(address)
            message = "this token is unknown, has expired or is revoked: ask for another"
            return {"refused": [429, "slow-down", "too many"] if wait_s else [401, "invalid-token", message]}
        if wait_s := self._asked.take(token.name):
            return {"refused": [429, "slow-down", f"too many requests: try again in {wait_s} s"]}
        return self._program(token)

    def _program(self, token: Token) -> Json:
        permissions = permissions_of_scopes(token.scopes)
        user, view = User(token.actor, frozenset(), token.wards), View(token.wards)
        sight = sight_of(TokenAccess(user, permissions, view), self._registry.beds.values())
        return {
            "user": token.actor,
            "roles": [],
            "permissions": sorted(permissions),
            "wards": _sorted(token.wards),
            "opened": [],
            "state": "open",
            **_seen(sight),
        }

    async def _patients(self, asked: Json) -> Json:
        """Names of those who are known, by identifier: as they were last written."""
        rows = await self._store.read(_NAMES, (orjson.dumps(asked["patients"]).decode(),))
        return {"names": {row["identifier"]: row["name"] for row in rows}}

    async def _worklist(self, _asked: Json) -> Json:
        """What is to be done, of every patient."""
        to_utc_ms = (self._clock.utc_us() - self._clock.now_us()) // 1000
        orders = await self._radiology.orders.active()
        whose = frozenset(one.identifier for one in orders)
        known = {one.identifier: one for one in await self._patients_of.listed(Sight(whose), most=len(whose))}
        return {"items": items(orders, to_utc_ms, known=known)}

    async def _arrived(self, asked: Json) -> Json:
        """Images are in the archive, and the order that they are of may be done."""
        told = await self._radiology.arrived(asked["study"], asked["accession"], asked["patient"])
        return {"doubt": told.doubt, "expected": told.expected}

    async def _record(self, asked: Json) -> Json:
        entry = Entry(asked["action"], asked["actor"], asked["entity"], where=asked["where"])
        if asked["refused"]:
            refused = replace(entry, outcome=REFUSED, detail={"code": asked["refused"]})
            if not asked["patients"]:
                self._trail.note(refused)
            await self._trail.record(*(replace(refused, patient=patient) for patient in asked["patients"]))
            return {}
        opened = frozenset(asked["opened"])
        each = [
            replace(entry, patient=patient or None, why=GLASS if patient in opened else "")
            for patient in asked["patients"]
        ]
        await self._trail.record(*(each or [entry]))
        return {}


def _seen(sight: Sight) -> Json:
    return {"patients": _sorted(sight.patients), "held": sight.held}


def _sorted(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _peer(writer: asyncio.StreamWriter) -> int:
    """Whose process is at the other end: Linux, unix(7), SO_PEERCRED: pid, uid, gid."""
    connection: socket.socket = writer.get_extra_info("socket")
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", raw)[1]

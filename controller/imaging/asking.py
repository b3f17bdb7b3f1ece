"""Asks the controller, which alone knows who may see whom, and whose audit trail it is.

One connection over a Unix socket, lines of JSON both ways: {"id": 7, "ask": "access", …} and {"id": 7, …}.
A line without an id is news: {"forget": true} when somebody's rights changed. What was answered of a cookie
or a token holds for KEPT_S at most.

    asking = Asking(path, clock)
    access = await asking.find(request)                    # None: nobody who is logged in
    await asking.saw(request, ["4711"], "study/1.2.3", "")  # returns when it is in the trail
"""

import asyncio
import hashlib
import itertools
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from controller.clock import Clock
from controller.errors import StoreError
from controller.imaging.sight import Sight
from controller.security.cookie import COOKIE
from controller.security.gate import ACCESS, WHO, Refused, has_token
from controller.security.permissions import Permission, Role
from controller.security.sessions import State
from controller.security.users import User
from controller.sockets import reachable
from controller.view import View

KEPT_S = 1.0
"""How long an answer about rights is believed: no more requests than this see what was just taken away."""
ANSWER_S = 10.0
SEEN_ONCE_S = 60.0
"""How long a study that somebody was shown is not recorded as shown to that person again."""
MOST = 10_000
"""Answers kept, and of shown studies."""


@dataclass(frozen=True, slots=True)
class AskedAccess:
    """See controller.imaging.parts.ImagingAccess."""

    user: User
    permissions: frozenset[Permission]
    view: View
    state: State
    sight: Sight


class Asking:
    """The way to the controller. While it does not answer, nobody sees anything."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._ids = itertools.count(1)
        self._open: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()
        self._known: OrderedDict[bytes, tuple[int, AskedAccess]] = OrderedDict()
        self._seen: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    async def find(self, request: web.Request) -> AskedAccess | None:
        """Who makes the request: see controller.security.gate.Find. Raises Refused, StoreError."""
        token = request.headers.get("Authorization", "") if has_token(request) else ""
        cookie = "" if token else request.cookies.get(COOKIE, "")
        if not token and not cookie:
            return None
        return await self._access(token, cookie, request.remote or "")

    async def saw(self, request: web.Request, patients: Iterable[str], entity: str, action: str) -> None:
        """See controller.imaging.parts.saw. Raises StoreError."""
        access = request[ACCESS]
        once = not action
        whose = sorted(set(patients))
        if once:
            whose = [patient for patient in whose if self._is_new(access.user.name, patient, entity)]
            if not whose:
                return
        await self._record(request, entity, action=action, patients=whose)
        if once:
            for patient in whose:
                self._remember(access.user.name, patient, entity)

    async def refused(
        self, request: web.Request, code: str, entity: str = "", patients: Iterable[str] = ()
    ) -> None:
        """Record what was refused; `entity`: the path, if it is "". Of `patients`, each once a minute, it is
        in the trail when this returns. Raises StoreError.
        """
        entity = entity or f"path{request.path}"[:200]
        who, once, whose = request.get(WHO, ""), f"{entity} {code}", sorted(set(patients))
        new = [patient for patient in whose if self._is_new(who, patient, once)]
        if whose and not new:
            return
        await self._record(request, entity, patients=new, refused=code)
        for patient in new:
            self._remember(who, patient, once)

    async def names(self, patients: frozenset[str]) -> Mapping[str, str]:
        """The names of those of `patients` (identifiers) whom the hospital knows. Raises StoreError."""
        return (await self._told({"ask": "patients", "patients": sorted(patients)}))["names"]

    async def worklist(self) -> list[dict[str, Any]]:
        """The orders that are to be done, in DICOM JSON (controller/radiology/worklist.py).

        Raises StoreError.
        """
        return (await self._told({"ask": "worklist"}))["items"]

    async def arrived(self, study: str, accession: str, patient: str) -> Mapping[str, Any]:
        """Tell that images of `study` are kept, of that accession number and patient's identifier: `doubt`
        says why it may be another patient's ("": nothing is wrong), `expected` whose. Raises StoreError.
        """
        whose = {"accession": accession, "patient": patient}
        return await self._told({"ask": "arrived", "study": study, **whose})

    async def close(self) -> None:
        """End the connection."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    async def _access(self, token: str, cookie: str, address: str) -> AskedAccess | None:
        key = hashlib.sha256(f"{token}\0{cookie}".encode()).digest()
        now = self._clock.now_us()
        if (known := self._known.get(key)) and now - known[0] < KEPT_S * 1e6:
            return known[1]
        told = await self._ask({"ask": "access", "token": token, "cookie": cookie, "address": address})
        if refused := told.get("refused"):
            raise Refused(*refused)
        if told.get("nobody"):
            return None
        access = _access_of(told)
        _keep(self._known, key, (now, access))
        return access

    async def _record(
        self,
        request: web.Request,
        entity: str,
        *,
        action: str = "",
        patients: Sequence[str] = (),
        refused: str = "",
    ) -> None:
        access = request.get(ACCESS)
        told = await self._ask(
            {
                "ask": "record",
                "action": action or request.match_info.route.name or "unknown-route",
                "actor": access.user.name if access else request.get(WHO, ""),
                "entity": entity,
                "where": address_of(request),
                "patients": patients,
                "opened": sorted(access.view.patients) if access else [],
                "refused": refused,
            }
        )
        if error := told.get("error"):
            raise StoreError(str(error))

    def _is_new(self, who: str, patient: str, entity: str) -> bool:
        at = self._seen.get((who, patient, entity))
        return at is None or self._clock.now_us() - at > SEEN_ONCE_S * 1e6

    def _remember(self, who: str, patient: str, entity: str) -> None:
        _keep(self._seen, (who, patient, entity), self._clock.now_us())

    async def _told(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        told = await self._ask(question)
        if error := told.get("error"):
            raise StoreError(str(error))
        return told

    async def _ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(ANSWER_S):
                writer = await self._connected()
                number = next(self._ids)
                answer = self._open[number] = asyncio.get_running_loop().create_future()
                writer.write(orjson.dumps({"id": number, **question}) + b"\n")
                try:
                    return await answer
                finally:
                    del self._open[number]
        except (OSError, TimeoutError) as error:
            raise StoreError(f"{self._path}: the controller does not answer: {error!r}: try again") from error

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None:
                reader, writer = await asyncio.open_unix_connection(reachable(self._path))
                self._known.clear()
                self._writer = writer
                self._listening = asyncio.create_task(self._listen(reader, writer))
            return self._writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                told = orjson.loads(line)
                if told.get("forget"):
                    self._known.clear()
                elif (waiting := self._open.get(told["id"])) and not waiting.done():
                    waiting.set_result(told)
        finally:
            self._writer = None
            writer.close()
            for waiting in self._open.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError("the connection ended"))


def address_of(request: web.Request) -> str:
    """Where a request comes from: told by our own processes, else seen."""
    return request.remote or request.headers.get("Wardlink-Address", "")


def _access_of(told: Mapping[str, Any]) -> AskedAccess:
    wards, patients = told["wards"], told["patients"]
    roles = frozenset(Role(role) for role in told["roles"])
    return AskedAccess(
        user=User(told["user"], roles, None if wards is None else frozenset(wards)),
        permissions=frozenset(Permission(one) for one in told["permissions"]),
        view=View(None if wards is None else frozenset(wards), frozenset(told["opened"])),
        state=State(told["state"]),
        sight=Sight(None if patients is None else frozenset(patients), told["held"]),
    )


def _keep(held: OrderedDict[Any, Any], key: object, value: object) -> None:
    held[key] = value
    held.move_to_end(key)
    if len(held) > MOST:
        held.popitem(last=False)

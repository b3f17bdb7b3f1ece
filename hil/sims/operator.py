"""A mobile network's operator that is none: CAMARA Quality-On-Demand 1.1.0 with its OAuth 2.0, over TLS.

python -m hil.sims.operator --pem server.pem      # prints its port; --port 0 chooses one

It does as the published document says; what a network does by itself is ordered at `/orders`, in JSON:
`refuse` {"operation": "createSession", "status": 409, "code": "CONFLICT", "retry_after_s": 5} or null,
`lose` an operation that is done and whose answer does not come, `end` true (the network ends all sessions),
`provide_s` (for so long a session is REQUESTED), `most_s` (the longest duration), `grant_s` (the most that
is granted at first), `token_s` (the life of tokens), `revoke` true (of all tokens), `tell` ORIGIN (the status
events of sessions with a sink go there, to the sink's path), `again` true (all of them once more). A GET
there tells `sessions`, what was `asked`, `tokens`, and of each event that was `told` its answer's status.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from aiohttp import web
from pydantic import BaseModel, ValidationError

from hil.sims.camara import CreateSession, ExtendSessionDuration, RetrieveSessionsInput
from hil.sims.grants import Grants
from hil.sims.notices import Notice, status_event
from hil.sims.served import run

PROFILES = ("QOS_S", "QOS_M", "QOS_L", "QOS_E")
_BASE = "/quality-on-demand/v1"
_LOOK_S = 0.05
_SCOPES = {
    "createSession": "quality-on-demand:sessions:create",
    "getSession": "quality-on-demand:sessions:read",
    "deleteSession": "quality-on-demand:sessions:delete",
    "extendQosSessionDuration": "quality-on-demand:sessions:update",
    "retrieveSessionsByDevice": "quality-on-demand:sessions:retrieve-by-device",
}
_Asked = TypeVar("_Asked", bound=BaseModel)
_Handler = Callable[[web.Request], Awaitable[web.Response]]


class Refusal(Exception):
    """An `ErrorInfo`."""

    def __init__(self, status: int, code: str, retry_after_s: int = 0) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.retry_after_s = status, code, retry_after_s


@dataclass
class Session:
    """A session; times in seconds since 1970."""

    id: str
    asked: dict[str, Any]
    duration: int
    starts: float
    ended: float | None = None
    why: str = ""
    told: str = "REQUESTED"
    """The status that its sink knows."""

    def shown(self, now: float) -> dict[str, Any]:
        """`SessionInfo` at `now`."""
        kept = {name: each for name, each in self.asked.items() if name not in ("duration", "sinkCredential")}
        told = {**kept, "sessionId": self.id, "duration": self.duration, "qosStatus": self.status(now)}
        if now < self.starts:
            return told
        until = self.starts + self.duration if self.ended is None else self.ended
        why = {} if self.ended is None else {"statusInfo": self.why}
        return {**told, "startedAt": _stamp(self.starts), "expiresAt": _stamp(until), **why}

    def status(self, now: float) -> str:
        """`qosStatus` at `now`; a session whose time is over has ended."""
        if self.ended is None and now >= self.starts + self.duration:
            self.ended, self.why = self.starts + self.duration, "DURATION_EXPIRED"
        if self.ended is not None:
            return "UNAVAILABLE"
        return "AVAILABLE" if now >= self.starts else "REQUESTED"


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Operator(Grants):
    """Its state, and what it was ordered."""

    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    refuse: dict[str, Any] | None = None
    lose: str = ""
    provide_s: float = 0.0
    most_s: int = 86_400
    grant_s: int = 86_400
    tell: str = ""
    events: list[Notice] = field(default_factory=list[Notice])
    told: list[int] = field(default_factory=list[int])

    def app(self) -> web.Application:
        """Its doors."""
        app = web.Application()
        one = _BASE + "/sessions/{sessionId}"
        app.router.add_post("/token", self.token)
        app.router.add_post(f"{_BASE}/sessions", self._door("createSession", self._create))
        app.router.add_get(one, self._door("getSession", self._get))
        app.router.add_delete(one, self._door("deleteSession", self._delete))
        app.router.add_post(f"{one}/extend", self._door("extendQosSessionDuration", self._extend))
        app.router.add_post(
            f"{_BASE}/retrieve-sessions", self._door("retrieveSessionsByDevice", self._retrieve)
        )
        app.router.add_get("/orders", self._tell)
        app.router.add_post("/orders", self._obey)
        app.cleanup_ctx.append(self._telling)
        return app

    async def _telling(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._tell_of_changes())
        yield
        task.cancel()

    async def _tell_of_changes(self) -> None:
        while True:
            for session in self.sessions.values():
                if (status := session.status(self.now())) != session.told:
                    session.told = status
                    await self._notify(session, status)
            await asyncio.sleep(_LOOK_S)

    async def _notify(self, session: Session, status: str) -> None:
        """Of a session that has no sink nobody is told."""
        if self.tell and "sink" in session.asked:
            notice = status_event(session.asked, session.id, status, session.why)
            self.events.append(notice)
            self.told.append(await notice.post(self.tell))

    def _door(self, operation: str, handler: _Handler) -> _Handler:
        async def opened(request: web.Request) -> web.Response:
            headers = {"x-correlator": request.headers.get("x-correlator", "")}
            try:
                self._let_in(operation, request)
                answer = await handler(request)
            except Refusal as error:
                self.asked.append(f"{operation} {error}")
                told = {"status": error.status, "code": error.code, "message": "as the document says"}
                if error.retry_after_s:
                    headers["Retry-After"] = str(error.retry_after_s)
                return web.json_response(told, status=error.status, headers=headers)
            self.asked.append(operation)
            if self.lose == operation:
                self.lose = ""
                assert request.transport
                request.transport.abort()
            answer.headers.update(headers)
            return answer

        return opened

    def _let_in(self, operation: str, request: web.Request) -> None:
        scopes = self.scopes(request)
        if scopes is None:
            raise Refusal(401, "UNAUTHENTICATED")
        if _SCOPES[operation] not in scopes:
            raise Refusal(403, "PERMISSION_DENIED")
        if self.refuse and self.refuse["operation"] == operation:
            raise Refusal(self.refuse["status"], self.refuse["code"], self.refuse.get("retry_after_s", 0))

    async def _create(self, request: web.Request) -> web.Response:
        asked = await _read(request, CreateSession)
        if asked.device is None:
            raise Refusal(422, "MISSING_IDENTIFIER")
        if asked.qos_profile not in PROFILES:
            raise Refusal(422, "QUALITY_ON_DEMAND.QOS_PROFILE_NOT_APPLICABLE")
        if asked.duration > self.most_s:
            raise Refusal(400, "QUALITY_ON_DEMAND.DURATION_OUT_OF_RANGE")
        said = asked.model_dump(mode="json", by_alias=True, exclude_unset=True)
        flow = {name: said[name] for name in ("device", "applicationServer")}
        if any(one.asked.items() >= flow.items() for one in self.sessions.values()):
            raise Refusal(409, "CONFLICT")  # also one that has ended: it has to be deleted first
        starts = self.now() + self.provide_s
        session = Session(str(uuid4()), said, min(asked.duration, self.grant_s), starts)
        self.sessions[session.id] = session
        return web.json_response(session.shown(self.now()), status=201)

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self._found(request).shown(self.now()))

    async def _delete(self, request: web.Request) -> web.Response:
        session = self.sessions.pop(self._found(request).id)
        if session.ended is None:
            session.why = "DELETE_REQUESTED"
            await self._notify(session, "UNAVAILABLE")
        return web.Response(status=204)

    async def _extend(self, request: web.Request) -> web.Response:
        session, more = self._found(request), await _read(request, ExtendSessionDuration)
        if session.status(self.now()) != "AVAILABLE":
            raise Refusal(409, "QUALITY_ON_DEMAND.SESSION_EXTENSION_NOT_ALLOWED")
        session.duration = min(session.duration + more.requested_additional_duration, self.most_s)
        return web.json_response(session.shown(self.now()))

    async def _retrieve(self, request: web.Request) -> web.Response:
        asked = await _read(request, RetrieveSessionsInput)
        if asked.device is None:
            raise Refusal(422, "MISSING_IDENTIFIER")
        device = asked.device.model_dump(mode="json", by_alias=True, exclude_unset=True)
        of_it = [one for one in self.sessions.values() if one.asked["device"] == device]
        return web.json_response([one.shown(self.now()) for one in of_it])

    def _found(self, request: web.Request) -> Session:
        session = self.sessions.get(request.match_info["sessionId"])
        if session is None:
            raise Refusal(404, "NOT_FOUND")
        return session

    async def _tell(self, _request: web.Request) -> web.Response:
        shown = [one.shown(self.now()) for one in self.sessions.values()]
        return web.json_response(
            {"sessions": shown, "asked": self.asked, "tokens": list(self.tokens), "told": self.told}
        )

    async def _obey(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            if name == "end":
                for session in self.sessions.values():
                    session.ended, session.why = self.now(), "NETWORK_TERMINATED"
            elif name == "revoke":
                self.tokens.clear()
            elif name == "again":
                self.told += [await notice.post(self.tell) for notice in self.events]
            else:
                setattr(self, name, value)
        return web.json_response({})


async def _read(request: web.Request, kind: type[_Asked]) -> _Asked:
    if request.content_type != "application/json":
        raise Refusal(400, "INVALID_ARGUMENT")
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as error:
        raise Refusal(400, "INVALID_ARGUMENT") from error


if __name__ == "__main__":
    run(Operator().app(), "A mobile network's operator for tests and the demo")

"""What the page may ask of its box, and the answers."""

import asyncio
import json
import logging
import re
import socket
from decimal import Decimal
from typing import Any

from aiohttp import web

from devices.model.crew import TOLD
from devices.model.metrics import METRICS
from devices.model.observation import EventKind
from gateway.crew.attention import MOST_PAUSE_S
from gateway.crew.guard import CREW, PERSON, cookie_name
from gateway.crew.sessions import LASTS_MS
from gateway.crew.trends import MOST_MINUTES
from gateway.errors import CrewRefused

MOST_PAGES = 16
"""Pages that are open at once."""
MOST_METRICS = 8
STALLED_S = 30
"""A page that takes nothing for so long is gone."""
_UNSENT_BYTES = 32_768
"""What the kernel holds back for a slow page: what waits here can still be left out, what is there is old."""
_LONGEST = 100
_BY_WORDS = [kind for kind in TOLD if kind is not EventKind.PICTURE]
"""A picture comes with its bytes (gateway/crew/taking.py)."""
_LIMIT = re.compile(r"([0-9]{1,3}(\.[0-9])?)?")

log = logging.getLogger(__name__)


async def log_in(request: web.Request) -> web.StreamResponse:
    """POST /api/login {"name", "pin"}."""
    crew, body = request.app[CREW], await _body(request)
    token = await crew.log_in(_text(body, "name"), _text(body, "pin"))
    response = web.Response(status=204)
    flags: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "Strict"}
    flags |= {"secure": not crew.config.is_local, "max_age": LASTS_MS // 1000}
    response.set_cookie(cookie_name(crew), token, **flags)
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    """POST /api/logout."""
    crew = request.app[CREW]
    await crew.log_out(request.cookies.get(cookie_name(crew), ""))
    response = web.Response(status=204)
    response.del_cookie(cookie_name(crew), path="/", secure=not crew.config.is_local, samesite="Strict")
    return response


async def me(request: web.Request) -> web.StreamResponse:
    """GET /api/me."""
    return web.json_response({"name": request[PERSON]})


async def live(request: web.Request) -> web.StreamResponse:
    """GET /api/live: Server-Sent Events, until the session ends or the page goes."""
    crew = request.app[CREW]
    if crew.live.readers >= MOST_PAGES:
        raise CrewRefused(503, f"{MOST_PAGES} pages are open: close one")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    _keep_unsent_short(request)
    reader = crew.live.reader()
    token = request.cookies.get(cookie_name(crew), "")
    try:
        async for text in reader:
            if crew.sessions.find(token) is None:
                break
            async with asyncio.timeout(STALLED_S):
                await response.write(text)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        log.debug("%s went away", request.remote)
    finally:
        reader.close()
    return response


def _keep_unsent_short(request: web.Request) -> None:
    connection = request.transport and request.transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)


async def tell(request: web.Request) -> web.StreamResponse:
    """POST /api/case/{kind}: an event's detail, without what the box itself knows of it."""
    kind, body = request.match_info["kind"], await _body(request)
    if kind not in _BY_WORDS:
        raise CrewRefused(404, f"expected one of {', '.join(_BY_WORDS)}, got {kind!r:.60}")
    wrong = [name for name, value in body.items() if type(value) not in (str, int)]
    if wrong:
        raise CrewRefused(422, f"{wrong[0]!r:.60}: expected text or a whole number")
    return web.json_response({"case": await request.app[CREW].tell(EventKind(kind), body, request[PERSON])})


async def see(request: web.Request) -> web.StreamResponse:
    """POST /api/alarms/{number}/seen."""
    await request.app[CREW].attention.see(int(request.match_info["number"]), request[PERSON])
    return web.Response(status=204)


async def pause(request: web.Request) -> web.StreamResponse:
    """POST /api/alarms/pause {"seconds"}."""
    seconds = (await _body(request)).get("seconds")
    if type(seconds) is not int or not 0 <= seconds <= MOST_PAUSE_S:
        raise CrewRefused(422, f"seconds: expected 0 to {MOST_PAUSE_S}, got {seconds!r:.60}")
    await request.app[CREW].pause(seconds, request[PERSON])
    return web.Response(status=204)


async def set_limit(request: web.Request) -> web.StreamResponse:
    """POST /api/alarms/limits {"stay", "code", "value"}; an empty value: that of the class again."""
    crew, body = request.app[CREW], await _body(request)
    value = body.get("value")
    if not isinstance(value, str) or not _LIMIT.fullmatch(value):
        raise CrewRefused(422, f"value: expected a number such as 150 or 38.5, or nothing, got {value!r:.60}")
    limit = Decimal(value) if value else None
    await crew.set_limit(_text(body, "stay"), _text(body, "code"), limit, request[PERSON])
    return web.Response(status=204)


async def trends(request: web.Request) -> web.StreamResponse:
    """GET /api/trends?metrics=hr,spo2&minutes=60."""
    metrics = list(filter(None, request.query.get("metrics", "").split(",")))
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not 1 <= len(metrics) <= MOST_METRICS:
        raise CrewRefused(422, f"metrics: expected 1 to {MOST_METRICS} names of devices/model/metrics.csv")
    minutes = request.query.get("minutes", "60")
    if not minutes.isdecimal() or not 1 <= int(minutes[:5]) <= MOST_MINUTES:
        raise CrewRefused(422, f"minutes: expected 1 to {MOST_MINUTES}")
    return web.json_response(await request.app[CREW].trends.read(metrics, int(minutes)))


def add_routes(app: web.Application) -> None:
    """All of them."""
    app.router.add_post("/api/login", log_in)
    app.router.add_post("/api/logout", log_out)
    app.router.add_get("/api/me", me, allow_head=False)
    app.router.add_get("/api/live", live, allow_head=False)
    app.router.add_get("/api/trends", trends, allow_head=False)
    app.router.add_post("/api/case/{kind}", tell)
    app.router.add_post(r"/api/alarms/{number:\d{1,10}}/seen", see)
    app.router.add_post("/api/alarms/pause", pause)
    app.router.add_post("/api/alarms/limits", set_limit)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise CrewRefused(400, "expected JSON") from error
    if not isinstance(body, dict):
        raise CrewRefused(400, "expected an object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST:
        raise CrewRefused(422, f"{name}: expected 1 to {_LONGEST} characters")
    return value

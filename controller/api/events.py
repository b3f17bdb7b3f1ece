"""Server-sent events (HTML standard, section 9.2): the hub's events, resumed by Last-Event-ID."""

import asyncio
import logging

import orjson
from aiohttp import web

from controller.api.context import Context, context
from controller.events import Event, Subscription
from controller.security.gate import COOKIE

_log = logging.getLogger(__name__)

STALLED_S = 10
"""A reader that takes nothing for so long is cut off; it comes back and resumes."""
CHECK_S = 30
"""How often the session of an open stream is looked at: one that has ended ends the stream."""
_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

OPEN: web.AppKey[set[Subscription]] = web.AppKey("open", set)
"""Subscriptions of the streams that are open."""


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/events."""
    parts = context(request)
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    subscription = parts.hub.subscribe(request.headers.get("Last-Event-ID"))
    request.config_dict[OPEN].add(subscription)
    guard = asyncio.create_task(_close_with_session(parts, request.cookies[COOKIE], subscription))
    try:
        async for event in subscription:
            async with asyncio.timeout(STALLED_S):
                await response.write(as_text(event))
    except TimeoutError:
        _abort(request)
    except ConnectionError:
        _log.debug("%s went away", request.remote)
    finally:
        guard.cancel()
        subscription.close()
        request.config_dict[OPEN].discard(subscription)
    return response


def _abort(request: web.Request) -> None:
    """What was not taken is thrown away: waiting to end politely would hold the memory."""
    if request.transport is not None:
        request.transport.abort()


async def close_streams(app: web.Application) -> None:
    """An `on_shutdown` handler: open streams end, or the server would wait for them."""
    for subscription in list(app[OPEN]):
        subscription.close()


def as_text(event: Event) -> bytes:
    """The event as it stands in the stream."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        event.id.encode(),
        event.kind.encode(),
        orjson.dumps(event.data),
    )


async def _close_with_session(parts: Context, token: str, subscription: Subscription) -> None:
    try:
        user = await parts.sessions.find(token)
        while user is not None:
            await asyncio.sleep(CHECK_S)
            user = await parts.sessions.find(token)
    finally:
        subscription.close()

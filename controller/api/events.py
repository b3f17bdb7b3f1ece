"""Server-sent events (HTML standard, section 9.2): the hub's events, resumed by Last-Event-ID."""

import asyncio
import fcntl
import logging
import socket
import struct
import sys
import termios
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from aiohttp import web

from controller.api.context import context
from controller.api.traced import tell_sent
from controller.api.watching import Watch
from controller.errors import StoreError
from controller.events import Event, Subscription
from controller.metrics.asked import ASKED
from controller.security.gate import ACCESS
from controller.security.permissions import Permission

_log = logging.getLogger(__name__)

STALLED_S = 10
"""A reader that takes nothing for so long is cut off; it comes back and resumes."""
CHECK_S = 5
"""How often the session of an open stream is looked at, if nothing is told of it: one that has ended, or that
shows other patients now, ends the stream."""
UNSENT_BYTES = 32_768
"""As much may wait in the kernel: its own buffer would hold minutes of a slow reader's past."""
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

OPEN: web.AppKey[set[Subscription]] = web.AppKey("open", set)
"""Subscriptions of the streams that are open."""


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/events."""
    parts, watch, asked = context(request), Watch(request), request.config_dict[ASKED]
    await watch.begin()
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    keep_unsent_short(request)
    subscription = parts.hub.subscribe(request.headers.get("Last-Event-ID"), request[ACCESS].view)
    request.config_dict[OPEN].add(subscription)
    guard = asyncio.create_task(_close_with_session(request, subscription))
    try:
        async for event in subscription:
            await watch.look(event)
            await taken(request, response.write(as_text(event)))
            asked.sent.observe(max(0, parts.clock.now_us() // 1000 - event.server_ms) / 1000)
            tell_sent(request, event)
        if subscription.is_too_slow:
            asked.too_slow += 1
            abort(request)
        else:
            await taken(request, response.write_eof())
    except (TimeoutError, StoreError):  # nobody is shown whom the audit trail could not take
        abort(request)
    except ConnectionError:
        _log.debug("%s went away", request.remote)
    finally:
        guard.cancel()
        watch.end()
        subscription.close()
        request.config_dict[OPEN].discard(subscription)
    return response


def keep_unsent_short(request: web.Request) -> None:
    """What a slow reader has not taken waits here, where it is seen, and not in the kernel."""
    connection = request.transport and request.transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


async def taken(request: web.Request, writing: Coroutine[Any, Any, None]) -> None:
    """Wait for `writing`, however slowly it goes. Raises TimeoutError when nothing at all is taken."""
    task = asyncio.create_task(writing)
    left = None
    try:
        while not (await asyncio.wait({task}, timeout=STALLED_S))[0]:
            unsent = _unsent(request)
            if left is not None and unsent >= left:
                raise TimeoutError
            left = unsent
        task.result()
    finally:
        task.cancel()


def _unsent(request: web.Request) -> int:
    """Bytes that the reader has not taken: of the transport, and of the kernel (tcp(7), SIOCOUTQ)."""
    transport = request.transport
    if transport is None or transport.is_closing():
        return 0
    queued = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    return transport.get_write_buffer_size() + int.from_bytes(queued, sys.byteorder)


def abort(request: web.Request) -> None:
    """End the connection. What was not taken is thrown away: ending politely would hold the memory."""
    if request.transport is not None:
        if (connection := request.transport.get_extra_info("socket")) is not None:
            # Else the kernel would go on offering what it has to a reader that takes nothing.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
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
        event.data,
    )


async def _close_with_session(request: web.Request, subscription: Subscription) -> None:
    """End the stream with its session, or when it may show others: the reader comes back and is told whom."""
    parts, view = context(request), request[ACCESS].view
    try:
        while True:
            changed, access = parts.sessions.changed, await parts.find(request)
            if access is None or access.view != view or Permission.WATCH not in access.permissions:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), CHECK_S)
    finally:
        subscription.close()

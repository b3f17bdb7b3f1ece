"""One room of ours on Janus, in one era: each seat sends by one connection, and is shown the rest by another.

    hall = VideoRoom(janus, era, say)        # say(seat, body): to the seat's page
    task = asyncio.create_task(hall.run())   # until cancelled
    hall.publish(seat, n, sdp)               # the page offers what it sends; answered with "published"
    hall.subscribed(seat, n, v, sdp)         # what it answers to "subscribe", which Janus offers
    hall.left(seat)

`n` is the page's attempt: a new one replaces both of its connections. One change of a subscription at a time:
a second one before the answer to the first would be lost. All is done one after the other, in the order it
came.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from controller.errors import MediaError
from controller.telemedicine.media.janus import Handle, Janus
from controller.telemedicine.media.messages import Description, Message, Stream

OF_SEAT = 10_000
"""A feed's number is its seat's, and which attempt: so Janus never takes a new one for the old."""
MOST_BPS = 1_000_000
"""Of one picture."""
_SENDERS = 24
"""Twice the seats: for a moment there are the old one and the new one."""
Json = dict[str, Any]
Say = Callable[[int, Json], Awaitable[None]]
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shown:
    """What a seat is shown: the feeds it has, whether its answer is waited for, and to which offer."""

    handle: Handle
    feeds: set[int] = field(default_factory=set[int])
    is_waiting: bool = False
    v: int = 0


@dataclass(slots=True)
class _Member:
    """A seat with its connections."""

    n: int
    sends: Handle
    is_up: bool = False
    shown: _Shown | None = None


class VideoRoom:
    """`era`: of our room. What Janus refuses is in the log: the page tries again."""

    def __init__(self, janus: Janus, era: int, say: Say) -> None:
        self.era = era
        self._janus = janus
        self._say = say
        self._number = secrets.randbelow(2**48) + 1
        self._pin, self._secret = secrets.token_hex(16), secrets.token_hex(16)
        self._control: Handle | None = None
        self._members: dict[int, _Member] = {}
        self._work: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()

    def publish(self, seat: int, n: int, sdp: str) -> None:
        """What the page offers to send."""
        self._work.put_nowait(partial(self._publish, seat, n, sdp))

    def subscribed(self, seat: int, n: int, v: int, sdp: str) -> None:
        """The page's answer to what it is shown."""
        self._work.put_nowait(partial(self._subscribed, seat, (n, v), sdp))

    def left(self, seat: int) -> None:
        """The seat is gone."""
        self._work.put_nowait(partial(self._left, seat))

    def keep(self, seats: set[int]) -> None:
        """Only these are in our room."""
        for seat in self._members.keys() - seats:
            self.left(seat)

    async def run(self) -> None:
        """One thing after the other, until cancelled."""
        self._work.put_nowait(self._open)
        while True:
            work = await self._work.get()
            try:
                await work()
            except MediaError as error:
                _log.warning("a room's pictures: %s", error)

    async def close(self) -> None:
        """Once it does not run any more: everybody's connections end, and the room. Raises MediaError."""
        for seat in list(self._members):
            await self._drop(seat)
        if self._control is not None:
            told = {"request": "destroy", "room": self._number, "secret": self._secret}
            await self._control.ask(told)
            await self._control.detach()

    async def _open(self) -> None:
        self._control = await self._janus.attach(_ignore)
        limits = {"publishers": _SENDERS, "bitrate": MOST_BPS, "bitrate_cap": True, "fir_freq": 0}
        codecs = {"videocodec": "vp8", "audiocodec": "opus", "opus_fec": True}
        doors = {"is_private": True, "secret": self._secret, "pin": self._pin}
        made = {"request": "create", "room": self._number, "admin_key": self._janus.admin_key}
        await self._control.ask({**made, **doors, **limits, **codecs})

    async def _publish(self, seat: int, n: int, sdp: str) -> None:
        member = self._members.get(seat)
        if member is not None and n <= member.n:
            return
        await self._drop(seat)
        sends = await self._janus.attach(partial(self._event, seat, n))
        self._members[seat] = _Member(n, sends)
        feed = _feed(seat, n)
        await sends.ask({"request": "join", "ptype": "publisher", "id": feed, **self._place()})
        offer = Description(type="offer", sdp=sdp)
        _, answer = await sends.ask({"request": "publish"}, offer)
        if answer is None:
            raise MediaError("Janus took an offer and answered nothing")
        await self._tell(seat, n, {"k": "published", "sdp": answer.sdp})

    def _event(self, seat: int, n: int, got: Message) -> None:
        if got.janus in ("webrtcup", "hangup"):
            self._work.put_nowait(partial(self._became, seat, n, got.janus == "webrtcup"))

    async def _became(self, seat: int, n: int, is_up: bool) -> None:
        member = self._members.get(seat)
        if member is not None and member.n == n:
            member.is_up = is_up
            await self._show_all()

    async def _left(self, seat: int) -> None:
        await self._drop(seat)
        await self._show_all()

    async def _drop(self, seat: int) -> None:
        member = self._members.pop(seat, None)
        if member is not None:
            await member.sends.detach()
            if member.shown:
                await member.shown.handle.detach()

    async def _show_all(self) -> None:
        """What Janus refuses one seat keeps nothing from the others."""
        for seat in list(self._members):
            try:
                await self._show(seat)
            except MediaError as error:
                _log.warning("a room's pictures: %s", error)

    async def _show(self, seat: int) -> None:
        """Offer a seat those that are there and that it has not, if no answer is waited for."""
        member = self._members[seat]
        others = {_feed(one, by.n) for one, by in self._members.items() if by.is_up and one != seat}
        if member.shown is None and others:
            member.shown = _Shown(await self._janus.attach(_ignore))
        shown = member.shown
        if shown is None or shown.is_waiting or shown.feeds == others:
            return
        data, offer = await shown.handle.ask(self._wanted(shown, others))
        shown.feeds = others
        if offer is None:
            return
        shown.is_waiting, shown.v = True, shown.v + 1
        streams = [_stream(one) for one in data.streams if one.active and one.feed_id is not None]
        await self._tell(
            seat, member.n, {"k": "subscribe", "v": shown.v, "sdp": offer.sdp, "streams": streams}
        )

    def _wanted(self, shown: _Shown, others: set[int]) -> Json:
        if not shown.v:
            streams = [{"feed": feed} for feed in sorted(others)]
            how = {"use_msid": True, "autoupdate": False, "streams": streams}
            return {"request": "join", "ptype": "subscriber", **self._place(), **how}
        changes = {"subscribe": others - shown.feeds, "unsubscribe": shown.feeds - others}
        told = {name: [{"feed": feed} for feed in sorted(feeds)] for name, feeds in changes.items() if feeds}
        return {"request": "update", **told}

    async def _subscribed(self, seat: int, which: tuple[int, int], sdp: str) -> None:
        member = self._members.get(seat)
        shown = member and member.shown
        if member is None or shown is None or not shown.is_waiting or which != (member.n, shown.v):
            return
        await shown.handle.ask({"request": "start"}, Description(type="answer", sdp=sdp))
        shown.is_waiting = False
        await self._show(seat)

    def _place(self) -> Json:
        return {"room": self._number, "pin": self._pin}

    async def _tell(self, seat: int, n: int, body: Json) -> None:
        await self._say(seat, {**body, "era": self.era, "n": n})


def _feed(seat: int, n: int) -> int:
    return seat * OF_SEAT + n % OF_SEAT


def _stream(one: Stream) -> Json:
    return {"mid": one.mid, "seat": (one.feed_id or 0) // OF_SEAT}


def _ignore(_: Message) -> None:
    """What Janus says of its own accord about what only receives."""

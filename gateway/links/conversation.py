"""The talk between a connected device and its codecs, whatever carries it.

inbox = Inbox(clock)
port.on_bytes = lambda data: inbox.put("port", data)         # stamped here, as near to the port as can be
await converse({"port": Voice(codec, port.send)}, inbox, clock, outlet)
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from devices.codecs import Codec, JournalledCodec, Said, journals
from devices.model.observation import Instant, later
from gateway.clock import Clock
from gateway.errors import LinkError
from gateway.links import Outlet

_LAST_S = 2.0
"""For what is on its way to the journal, when the talk is ended from here."""


class Arrival(NamedTuple):
    """`data` that came from `source` at `at`."""

    source: str
    data: bytes
    at: Instant


class Inbox:
    """What arrived on one connection, in order and stamped, and at last why nothing more will."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._arrivals: asyncio.Queue[Arrival | LinkError] = asyncio.Queue()
        self._ended = False

    def put(self, source: str, data: bytes) -> None:
        """`data` arrived now. What comes after the end is dropped: it belongs to no connection."""
        if not self._ended:
            self._arrivals.put_nowait(Arrival(source, data, self._clock.now()))

    def end(self, reason: LinkError) -> None:
        """The connection is over; `get` raises `reason` after the last arrival."""
        if not self._ended:
            self._ended = True
            self._arrivals.put_nowait(reason)

    async def get(self, timeout_s: float | None) -> Arrival | None:
        """The next arrival, or None when `timeout_s` have passed. Raises LinkError at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                arrival = await self._arrivals.get()
        except TimeoutError:
            return None
        if isinstance(arrival, LinkError):
            raise arrival
        return arrival


@dataclass(frozen=True, slots=True)
class Voice:
    """One stream of a device: its codec, and how the bytes that the codec owes the device are sent."""

    codec: Codec
    send: Callable[[bytes], Awaitable[None]]
    at_once: bool = False
    """Whether its device forgets what it sent as soon as the host's radio has it: it goes to disk at once."""


async def converse(
    voices: Mapping[str, Voice],
    inbox: Inbox,
    clock: Clock,
    outlet: Outlet,
    *,
    silence_s: float | None = None,
    heard: Callable[[Instant], None] = lambda _at: None,
) -> None:
    """Hand arrivals to the codecs, deliver what they say, send what they owe, keep their timers.

    A codec that owes its device an acknowledgement, or remembers something, is told when the journal has
    everything; only then is what it owes sent, and its memory saved.

    `voices` are named as the inbox names its sources; `heard` is called before each arrival is read.
    Returns when nothing arrived for `silence_s`. Raises LinkError at the end of the inbox, and when the
    journal cannot keep what has to be acknowledged.
    """
    silent_at = _after(clock.now(), silence_s)
    while True:
        for voice in voices.values():
            if owed := voice.codec.data_to_send():
                await voice.send(owed)
        arrival = await inbox.get(_seconds_until(voices, silent_at, clock.now()))
        if arrival:
            silent_at = _after(arrival.at, silence_s)
            heard(arrival.at)
            voice = voices[arrival.source]
            await _settle(voice, voice.codec.receive_data(arrival.data, arrival.at), outlet, clock)
        elif silent_at is not None and clock.now() >= silent_at:
            return
        for voice in voices.values():
            due, now = voice.codec.next_timer(), clock.now()
            if due is not None and due <= now:
                await _settle(voice, voice.codec.handle_timer(now), outlet, clock)


async def _settle(voice: Voice, said: list[Said], outlet: Outlet, clock: Clock) -> None:
    """Deliver what the codec said; see it into the journal if the codec waits for that."""
    codec = voice.codec
    if said:
        outlet(said)
        if voice.at_once:
            await outlet.kept()
    if journals(codec) and codec.awaits_journal():
        keeping = asyncio.ensure_future(_keep(codec, outlet, clock))
        try:
            await asyncio.shield(keeping)
        except asyncio.CancelledError:
            # What the journal gets and nobody remembers would be taken again at the next start.
            await asyncio.wait({keeping}, timeout=_LAST_S)
            keeping.cancel()
            raise


async def _keep(codec: JournalledCodec, outlet: Outlet, clock: Clock) -> None:
    """See what the codec said into the journal, and what it remembers to the disk. Raises LinkError."""
    await outlet.kept()
    codec.journalled(clock.now())
    await outlet.remember()


def _after(start: Instant, seconds: float | None) -> Instant | None:
    return None if seconds is None else later(start, seconds)


def _seconds_until(voices: Mapping[str, Voice], silent_at: Instant | None, now: Instant) -> float | None:
    dues = [voice.codec.next_timer() for voice in voices.values()]
    nearest = min((due for due in [silent_at, *dues] if due is not None), default=None)
    return None if nearest is None else max(0.0, (nearest - now) / 1_000_000_000)

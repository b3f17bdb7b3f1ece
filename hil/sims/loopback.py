"""A simulated device and its codec, talking in memory and in virtual time: no port, no waiting.

talk = converse(profile.link, simulators()["nonin-xpod"](Patient(3)), seconds=5)
talk.chunks     # what the device sent, with times
talk.said       # what the codec made of it
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.capture import Chunk, codecs_of
from devices.codecs import Codec, Said, journals
from devices.model.observation import Instant, later
from devices.profiles import AnyLink, BleLink
from hil.sims.simulated import Measured, Sensor, Simulated, WireSim

START = Instant(1_000_000_000_000)


@dataclass(slots=True)
class Talk:
    """What was sent and said."""

    chunks: list[Chunk] = field(default_factory=list[Chunk])
    said: list[Said] = field(default_factory=list[Said])
    sent: list[Measured] = field(default_factory=list[Measured])


def can_converse(sim: Simulated) -> bool:
    """Whether `sim` can talk in memory: a device that needs a radio cannot."""
    return isinstance(sim, WireSim | Sensor)


def converse(link: AnyLink, sim: Simulated, seconds: float) -> Talk:
    """Let `sim` and the codec of `link` talk for `seconds` of virtual time. Raises ValueError."""
    if isinstance(sim, WireSim):
        return _Wire(sim, codecs_of(link)[None]).run(seconds)
    if isinstance(sim, Sensor) and isinstance(link, BleLink):
        return _measured(sim, codecs_of(link), seconds)
    raise ValueError(f"{type(sim).__name__} needs a radio")


def _measured(sim: Sensor, codecs: dict[str | None, Codec], seconds: float) -> Talk:
    talk, now = Talk(), START
    codec = codecs[sim.measurement.uuid]
    while now < later(START, seconds):
        measured = sim.measure(now / 1e9)
        talk.sent.append(measured)
        talk.chunks.append(Chunk(now, sim.measurement.uuid, measured.payload))
        talk.said += codec.receive_data(measured.payload, now)
        now = later(now, sim.period_s)
    return talk


@dataclass(slots=True)
class _Wire:
    sim: WireSim
    codec: Codec
    talk: Talk = field(default_factory=Talk)

    def run(self, seconds: float) -> Talk:
        """Ticks and timers in the order of their times."""
        end, tick = later(START, seconds), START
        self._answer(START)
        while tick < end:
            timer = self.codec.next_timer()
            if timer is not None and timer <= tick:
                at = max(timer, START)
                self.talk.said += self.codec.handle_timer(at)
                self._settle(at)
            else:
                self._deliver(self.sim.tick(tick / 1e9), tick)
                tick = later(tick, self.sim.period_s)
        return self.talk

    def _deliver(self, sent: Sequence[Measured], now: Instant) -> None:
        for measured in sent:
            self.talk.sent.append(measured)
            self.talk.chunks.append(Chunk(now, None, measured.payload))
            self.talk.said += self.codec.receive_data(measured.payload, now)
            self._settle(now)

    def _settle(self, now: Instant) -> None:
        """In memory everything is on disk at once."""
        if journals(self.codec) and self.codec.awaits_journal():
            self.codec.journalled(now)
        self._answer(now)

    def _answer(self, now: Instant) -> None:
        if owed := self.codec.data_to_send():
            self._deliver(self.sim.heard(owed, now / 1e9), now)

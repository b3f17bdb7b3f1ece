"""The crew's page at work: fed by what devices say and the box raises, told to those who watch.

crew = Crew(config, data / "crew", clock, ways)
crew.serves([("oximeter-1", "nonin-xpod", ("spo2", "pr_spo2"))])
await crew.begin()
crew.heard(who, record)
await crew.run()
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from devices.model.metrics import METRICS
from devices.model.observation import EventKind, Reading
from devices.model.orders import Arguments
from devices.wire.records import AnyRecord
from gateway.clock import Clock
from gateway.crew.ahead import Ahead
from gateway.crew.attention import AlarmWays, Attention
from gateway.crew.board import Board, Served, metric_json
from gateway.crew.case import Case
from gateway.crew.config import CrewConfig
from gateway.crew.live import Live
from gateway.crew.oxygen import oxygen
from gateway.crew.people import People
from gateway.crew.pictures import Pictures, PictureWays
from gateway.crew.scoring import Scoring
from gateway.crew.sessions import Sessions
from gateway.crew.throttle import Throttle
from gateway.crew.trends import Trends
from gateway.errors import CrewRefused, NotKept
from gateway.gather import Who

FLUSH_S, TICK_S, KEEP_S = 0.1, 1.0, 10.0
_SAVE_TICKS = 300

Json = dict[str, Any]
log = logging.getLogger(__name__)


class Ways(NamedTuple):
    """What the page needs of its gateway."""

    alarms: AlarmWays
    uplink: Callable[[], Awaitable[Json]]
    """How the box stands with the hospital."""
    boarded: Callable[[Json | None], None]
    """Told who is on board: for whom the limits of alarms are."""
    pictures: PictureWays


@dataclass(slots=True)
class Crew:
    """All of it, kept in `folder`."""

    config: CrewConfig
    folder: Path
    clock: Clock
    ways: Ways
    board: Board = field(init=False)
    case: Case = field(init=False)
    trends: Trends = field(init=False)
    pictures: Pictures = field(init=False)
    people: People = field(init=False)
    sessions: Sessions = field(init=False)
    live: Live = field(init=False)
    attention: Attention = field(init=False)
    ahead: Ahead = field(init=False)
    throttle: Throttle = field(default_factory=Throttle)
    listens_at: str = ""
    """Address and port, once it does."""
    _stay: str = ""
    _told: Json = field(default_factory=dict[str, Any])
    """The case, as it was told last."""
    _scoring: Scoring = field(default_factory=Scoring)
    _uplink: Json = field(default_factory=dict[str, Any])
    _limits: Json = field(default_factory=dict[str, Any])
    _is_dated: bool = False
    """Whether the box knows the time: times of an earlier boot are then known, too."""

    def __post_init__(self) -> None:
        vehicle, folder, clock = self.config.vehicle, self.folder, self.clock
        self.board = Board(vehicle)
        self.attention = Attention(vehicle, self.board, clock, self.ways.alarms)
        self.case = Case(vehicle, folder, clock, self.ways.alarms.say, lambda: secrets.token_hex(8))
        self.case.changed, self.case.boarded = self._case_changed, self._boarded
        self.pictures = Pictures(folder / "pictures", clock, self.ways.pictures, self._case_changed)
        self.trends = Trends(folder, clock)
        self.people = People(folder)
        self.sessions = Sessions(folder, self.people, clock, lambda: secrets.token_urlsafe(32))
        self.live, self.ahead = Live(self.snapshot), Ahead(clock, self._publish)

    # the gateway's side

    def serves(self, devices: Iterable[Served]) -> None:
        """These are on board."""
        self.board.serves(devices)
        self.live.start_over()

    def heard(self, who: Who, record: AnyRecord) -> None:
        """Whatever a device of this gateway said, or the gateway itself."""
        self.board.heard(who, record)
        if isinstance(record, Reading) and who[1] == self.config.vehicle:
            self.trends.heard(record)

    async def begin(self) -> None:
        """Take up what an earlier start kept."""
        await asyncio.to_thread(self.people.load)
        await asyncio.to_thread(self.sessions.load)
        self.case.load()
        await self.pictures.load(self.case.content)
        self._case_changed()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._flush())
                group.create_task(self._tick())
                group.create_task(self._keep())
                group.create_task(self.pictures.run())
        finally:
            await self.trends.close()

    # the page's side

    def snapshot(self) -> Json:
        """Everything that is true now."""
        return {
            **self._now(),
            "vehicle": self.config.vehicle,
            "metrics": {name: metric_json(metric) for name, metric in METRICS.items()},
            "values": [value.json() for value in self.board.values.values()],
            "waves": self.board.waves,
            "alarms": self.board.alarms,
            "devices": self.board.devices,
            "scores": self._scoring.item,
            "case": self._told,
            "limits": self.attention.limits(),
            "uplink": self._uplink,
            "corridor": self.ahead.item,
            **self._passing(),
        }

    async def log_in(self, name: str, pin: str) -> str:
        """A new session's token. Raises CrewRefused."""
        if wait_s := self.throttle.wait_s(name, self.clock.now()):
            raise CrewRefused(429, f"too many wrong tries: wait {wait_s} s", wait_s)
        self.throttle.tried(name, self.clock.now())
        if not await self.people.matches(name, pin):
            raise CrewRefused(401, "wrong name or PIN")
        self.throttle.succeeded(name)
        token = self.sessions.begin(name)
        await self._save_sessions()
        log.info("%s logged in at the crew's page", name)
        return token

    async def log_out(self, token: str) -> None:
        """That session ends."""
        self.sessions.end(token)
        await self._save_sessions()

    async def tell(self, kind: EventKind, detail: Arguments, by: str) -> Json:
        """The case, once it is in the journal. Raises BadCrew, CaseConflict, NotKept."""
        await self.case.tell(kind, detail, by)
        return self._told

    async def pause(self, seconds: int, by: str) -> None:
        """No sounds for so long. Raises NotKept: it is so, and the journal does not know."""
        try:
            await self.attention.pause(seconds, by)
        finally:
            self._publish_alarms()

    async def set_limit(self, stay: str, code: str, value: Decimal | None, by: str) -> None:
        """Of the patient of `stay`. Raises LimitRefused, NotKept."""
        try:
            await self.attention.set_limit(stay, code, value, by)
        finally:
            self._look_at_limits()

    # inside

    def _now(self) -> Json:
        clock = self.clock.block_clock()
        offset = None if clock.utc_us is None else (clock.utc_us - clock.mono_us) // 1000
        return {"now_ms": clock.mono_us // 1000, "utc_offset_ms": offset}

    def _passing(self) -> Json:
        """What changes with time alone."""
        clock, now = self.clock.block_clock(), self._now()
        error_ms = None if clock.error_us is None else clock.error_us / 1000
        return {
            "pause": self.attention.paused(),
            "clock": {
                "sync": clock.sync.name.lower(),
                "utc_offset_ms": now["utc_offset_ms"],
                "error_ms": error_ms,
            },
            "oxygen": oxygen(self.board.values, self.config.cylinder_l, now["now_ms"]),
        }

    @property
    def _assessments(self) -> Json:
        return self._told.get("assessments", {})

    def _publish(self, kind: str, data: Json) -> None:
        self.live.publish(kind, {**self._now(), **data})

    def _publish_alarms(self) -> None:
        self._publish("alarms", {"alarms": self.board.alarms, "pause": self.attention.paused()})

    async def _flush(self) -> None:
        """What is new goes on, together."""
        while True:
            fresh = self.board.take()
            if fresh.values and self.live.readers:
                self._publish("values", {"values": [value.json() for value in fresh.values]})
            if fresh.waves:
                self._publish("waves", {"waves": fresh.waves})
            if fresh.alarms:
                self._publish_alarms()
            if fresh.devices:
                self._publish("devices", {"devices": self.board.devices})
            await asyncio.sleep(FLUSH_S)

    async def _tick(self) -> None:
        """What time changes."""
        ticks = 0
        while True:
            await asyncio.to_thread(self.people.load)
            self._publish("time", self._passing())
            self._date()
            if self._scoring.look(self.board.values.values(), self._assessments, self._now()["now_ms"]):
                self._publish("scores", {"scores": self._scoring.item})
            self._look_at_limits()
            await self._look_at_uplink()
            await self._tell_untold()
            ticks += 1
            if ticks % _SAVE_TICKS == 0:
                await self._save_sessions()
            await asyncio.sleep(TICK_S)

    def _date(self) -> None:
        is_dated = self.clock.block_clock().utc_us is not None
        if is_dated != self._is_dated:
            self._is_dated = is_dated
            self._case_changed()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_S)
            await self.trends.keep()

    def _look_at_limits(self) -> None:
        """The hospital moves them, too."""
        now = self.attention.limits()
        if now != self._limits:
            self._limits = now
            self._publish("limits", {"limits": now})

    async def _look_at_uplink(self) -> None:
        now = await self.ways.uplink()
        if now != self._uplink:
            self._uplink = now
            self._publish("uplink", {"uplink": now})

    async def _tell_untold(self) -> None:
        try:
            await self.case.tell_untold()
        except NotKept as error:
            log.warning("what the crew told waits for the journal: %s", error)

    async def _save_sessions(self) -> None:
        try:
            await asyncio.to_thread(self.sessions.save)
        except OSError as error:
            log.error("%s: people have to log in again after a restart: %s", self.sessions.path, error)

    def _case_changed(self) -> None:
        self._told = self.case.state()
        self.pictures.show(self._told["pictures"])
        self._publish("case", {"case": self._told})

    def _boarded(self, stay: Json | None) -> None:
        """What was measured of one patient is not shown of the next."""
        number = stay["id"] if stay else ""
        self.ways.boarded(stay)
        self.trends.of(number)
        if self._stay and number != self._stay:
            self.board.leave(self.clock.now())
            self._scoring.forget()
            self.live.start_over()
        self._stay = number

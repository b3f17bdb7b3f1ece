"""The hospital's fleet of robots, as the controller runs it.

robots = Robots(hospital, store, clock, hub)
await robots.start()                       # from what the store knows
await robots.run()                         # follows what is committed of robots, decides, keeps, sends
await robots.transport(Wanted("pharmacy", "ward-a", "medicines", Priority.MEDICINES, "RX00000001/1"), by)

Whatever is decided is in the store before it goes out. When the store cannot write, nothing goes out, and all
of it is written when it can: what robots may drive on meanwhile is what they have.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress

from controller.clock import Clock, local_text
from controller.errors import StoreError
from controller.hub import Hub
from controller.identity.certificates import By
from controller.robots import people
from controller.robots.books import Also, Books, Carriage, Wanted
from controller.robots.errand import Pose
from controller.robots.handled import Handled, Kind, asked, handled
from controller.robots.master import Master
from controller.robots.places import HospitalMap
from controller.robots.reasons import because, reread
from controller.robots.remembered import known_robots, open_transports, openings, took_lately
from controller.robots.restoring import restore
from controller.robots.shown import is_news, robot_items
from controller.robots.told import OPEN, Effect, Opening
from controller.robots.transports import Transport
from controller.store import Store
from devices.model.observation import EventKind
from devices.wire.orders import Outcome

LOOK_S, TICK_MS, TIDY_MS = 0.25, 1_000, 3_600_000
STEP = 20_000
"""Ids of events that one look takes."""
_LAST = "SELECT ifnull(max(id), 0) AS id FROM device_event"
_NEW = f"""SELECT id, gateway, device, kind, at_us, detail FROM device_event WHERE id > ? AND id <= ?
AND kind IN ('{EventKind.VEHICLE}', '{EventKind.VEHICLE_AT}', '{EventKind.COMMAND}') ORDER BY id"""
_EPOCH = "UPDATE meta SET value = value + 1 WHERE key = 'robots' RETURNING value"
_STOP = """INSERT INTO robot_stop VALUES (1, ?, ?)
ON CONFLICT (only) DO UPDATE SET by = excluded.by, at_ms = excluded.at_ms"""
_TAKEN_OVER = "UPDATE robot SET taken_over_by = ? WHERE id = ?"
_REACHED = frozenset({Outcome.DONE, Outcome.INTERRUPTED})
"""After these the robot has the message, or may have it."""

log = logging.getLogger(__name__)
Doing = Callable[[Master, int], None]


class Robots:
    """The one service of the fleet. Methods raise StoreError, too."""

    def __init__(
        self,
        hospital: HospitalMap,
        store: Store,
        clock: Clock,
        hub: Hub,
        local: Callable[[int], int] | None = None,
    ) -> None:
        """`local`: ms since midnight where the hospital is, of a time; None: by this machine's zone."""
        self.hospital = hospital
        self.books = Books(store, clock)
        self.master = Master(hospital, 0)
        self._store, self._clock, self._hub = store, clock, hub
        self._local = local or day_ms
        self._cursor = self._ticked_ms = self._tidied_ms = 0
        self._pending: list[Effect] = []
        self._writing = asyncio.Lock()
        self._wanted = asyncio.Event()
        """Something is: nobody waits for the next second."""
        self._commands: dict[str, tuple[str, int]] = {}
        self._shown: dict[str, dict[str, object]] = {}

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self._clock.now_us() // 1000

    async def start(self) -> None:
        """Know what is known, and nothing else: another controller may have had the fleet meanwhile."""
        self._pending, self._shown = [], {}
        epoch = await self._store.write(lambda db: int(db.execute(_EPOCH).fetchone()[0]))
        self._cursor = (await self._store.read_settled(_LAST))[0]["id"]
        self.master = Master(self.hospital, epoch, self._local)
        stop = await self._store.read("SELECT by FROM robot_stop")
        self.master.stopped = because("by", who=stop[0]["by"]) if stop else ""
        now_ms = self.now_ms()
        known = await known_robots(self._store, now_ms)
        self._commands = {name: (one.robot, no) for one in known for name, no in one.commands.items()}
        restore(self.master, known, await open_transports(self._store), now_ms)
        for opening in await openings(self._store):
            self.master.drawers.ask(opening)
        self.master.fleet.forecast.remember(await took_lately(self._store))
        for row in await self._store.read("SELECT edge, why, reason FROM robot_edge"):
            if row["edge"] in self.master.fleet.ground.edge:
                self.master.watching.blocked(row["edge"], reread(row["why"], row["reason"]), now_ms)
        await self._flush()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("robots: nothing can be kept, so nothing is sent: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), LOOK_S)

    async def look(self) -> None:
        """Take what has been committed; decide once a second, or when something is wanted."""
        await self._follow()
        now_ms = self.now_ms()
        if self._wanted.is_set() or now_ms - self._ticked_ms >= TICK_MS:
            self._wanted.clear()
            self._ticked_ms = now_ms
            self.master.tick(now_ms)
            self._publish(now_ms)
        if now_ms - self._tidied_ms >= TIDY_MS:
            self._tidied_ms = now_ms
            await self.books.forget_old()
        await self._flush()

    async def _follow(self) -> None:
        last = (await self._store.read_settled(_LAST))[0]["id"]
        while self._cursor < last:
            until = min(last, self._cursor + STEP)
            for row in await self._store.read(_NEW, (self._cursor, until)):
                self._heard(row)
            self._cursor = until

    def _heard(self, row: sqlite3.Row) -> None:
        detail, at_ms, now_ms = json.loads(row["detail"]), row["at_us"] // 1000, self.now_ms()
        robot = row["device"]
        match row["kind"]:
            case EventKind.COMMAND if robot is None and detail.get("id") in self._commands:
                name, number = self._commands.pop(detail["id"])
                told = {"reached": detail.get("outcome") in _REACHED, "why": str(detail.get("why", ""))}
                self.master.answered(name, number, now_ms=now_ms, **told)
            case EventKind.VEHICLE if robot:
                said = str(detail.get("topic")), str(detail.get("json"))
                self.master.heard(robot, row["gateway"], *said, at_ms=at_ms, now_ms=now_ms)
            case EventKind.VEHICLE_AT if robot:
                self.master.seen(robot, detail, at_ms=at_ms, now_ms=now_ms)
            case _:
                pass

    async def _flush(self) -> None:
        """Keep what was decided, in its order; then it is on its way."""
        async with self._writing:
            self._pending += self.master.take()
            if self._pending:
                self._commands |= await self.books.keep(self._pending)
                self._pending = []

    def _publish(self, now_ms: int) -> None:
        """What is new of robots, to the pages."""
        shown = {str(item["robot"]): item for item in robot_items(self.master)}
        fresh = [item for name, item in shown.items() if is_news(self._shown.get(name), item)]
        if fresh or shown.keys() != self._shown.keys():
            gone = sorted(self._shown.keys() - shown.keys())
            news = {"items": fresh, "gone": gone, "stopped": self.master.stopped}
            for tell in self._hub.publish, self._hub.elsewhere:
                tell("robots", news)
        told = {str(item["robot"]) for item in fresh}
        self._shown = {name: item if name in told else self._shown[name] for name, item in shown.items()}

    async def _do(self, doing: Doing) -> None:
        doing(self.master, self.now_ms())
        await self._flush()

    # What people, and other services, ask

    async def transport(self, wanted: Wanted, by: By, also: Also | None = None, *, key: str = "") -> Carriage:
        """Something is to be carried; `also`: what is kept with it; asked with one `key`, it is once.

        Raises NotFound: a station is not on the map; Conflict; what `also` raises: then nothing is asked.
        """
        people.check_stations(self.master, wanted.pick, wanted.drop)
        made = await self.books.ask(wanted, by, also, key=key)
        if made.state not in OPEN:
            return made
        what = made.id, wanted.pick, wanted.drop, wanted.load, wanted.priority
        job = Transport(*what, made.wanted_ms, wanted.deadline_ms)
        await self._do(lambda master, now_ms: master.wanted(job, now_ms))
        self._wanted.set()
        return await self.books.find(made.id)

    async def cancel(self, transport: str, by: By, revision: int | None = None) -> Carriage:
        """It is not wanted any more: what was picked up goes back. Raises NotFound, Conflict."""
        await self.books.cancel(transport, by, revision)
        await self._do(lambda master, now_ms: people.cancel(master, transport, by.actor, now_ms))
        return await self.books.find(transport)

    async def loaded(self, transport: str, by: By) -> Carriage:
        """A person says that the robot has it. Raises NotFound, Conflict."""
        people.loading(self.master, transport)
        await self._handled("transport-loaded", self._at(transport, "loaded", by), by)
        await self._do(lambda master, now_ms: people.loaded(master, transport, by.actor, now_ms))
        return await self.books.find(transport)

    async def taken(self, transport: str, by: By, *, taken: bool) -> Carriage:
        """Whether a person has taken it out; if not (`by.why`), it goes back. Raises NotFound, Conflict."""
        people.unloading(self.master, transport)
        if taken:
            await self._handled("transport-taken", self._at(transport, "taken", by), by)
            await self._do(lambda master, now_ms: people.taken(master, transport, by.actor, now_ms))
        else:
            await self.books.act("transport-not-taken", f"transport/{transport}", by)
            await self._do(
                lambda master, now_ms: people.not_taken(master, transport, by.actor, by.why, now_ms)
            )
        return await self.books.find(transport)

    async def open_drawer(self, transport: str, drawer: int, by: By, how: str) -> Carriage:
        """Have the drawer opened for somebody who is there and has proved who they are (`how`).

        Nobody has what is in it before the robot, or a person, says that it is open.

        Raises NotFound; Conflict: its robot is not there yet, or has no such drawers.
        """
        robot = people.at_stop(self.master, transport)
        people.check_drawers(self.master, robot)
        action, stage = f"{self.master.next_id()}-{people.OPEN_DRAWER}", people.stage(self.master, transport)
        one = Opening(robot, transport, stage, drawer, by.actor, how, self.now_ms(), action)
        await self.books.act(f"drawer-opened-by-{how}", f"transport/{transport}", by, asked(one))
        await self._do(lambda master, now_ms: people.open_drawer(master, one, now_ms))
        return await self.books.find(transport)

    def _at(self, transport: str, kind: Kind, by: By) -> Handled:
        return Handled(transport, kind, people.stage(self.master, transport), by.actor)

    async def _handled(self, action: str, did: Handled, by: By) -> None:
        """It is on the disk before anything follows from it: who it was is not lost."""
        await self.books.act(action, f"transport/{did.transport}", by, handled(did, self.now_ms()))

    async def take_over(self, robot: str, by: By) -> None:
        """It stands, and drives by no word of ours until it is handed back. Raises NotFound."""
        people.pilot_of(self.master, robot)
        await self._do(lambda master, now_ms: people.take_over(master, robot, by.actor, now_ms))
        change = _changing(_TAKEN_OVER, by.actor, robot)
        await self.books.act("robot-taken-over", f"robot/{robot}", by, change)

    async def hand_back(self, robot: str, by: By) -> None:
        """It drives by our word again; what was in doubt about it is settled. Raises NotFound."""
        people.pilot_of(self.master, robot)
        change = _changing(_TAKEN_OVER, "", robot)
        await self.books.act("robot-handed-back", f"robot/{robot}", by, change)
        await self._do(lambda master, now_ms: people.hand_back(master, robot, by.actor, now_ms))

    async def turn_camera(self, robot: str, turn: tuple[float, float], by: By) -> None:
        """Its camera turns (pan, tilt; degrees). Raises NotFound, Conflict: it has none that does."""
        await self._do(lambda master, now_ms: people.look(master, robot, turn, by.actor, now_ms))
        await self.books.act("robot-looked", f"robot/{robot}", by)

    async def stop_all(self, by: By) -> None:
        """Every robot stands."""
        await self._do(lambda master, now_ms: people.stop_all(master, by.actor, now_ms))
        await self.books.act("robots-stopped", "robots", by, _changing(_STOP, by.actor, self.now_ms()))

    async def go_all(self, by: By) -> None:
        """They go on."""
        await self.books.act("robots-released", "robots", by, _changing("DELETE FROM robot_stop"))
        await self._do(lambda master, now_ms: people.go_all(master, by.actor, now_ms))

    async def say_position(self, robot: str, pose: Pose, theta: float, by: By) -> None:
        """A person says where a robot is. Raises NotFound, Conflict."""
        await self._do(lambda master, now_ms: people.say_position(master, robot, pose, theta, now_ms))
        await self.books.act("robot-position-said", f"robot/{robot}", by)

    async def block(self, edge: str, by: By) -> None:
        """Nobody drives there, for `by.why`. Raises NotFound."""
        await self._do(lambda master, now_ms: people.block(master, edge, by.actor, by.why, now_ms))
        await self.books.act("robot-edge-blocked", f"edge/{edge}", by)

    async def reopen(self, edge: str, by: By) -> None:
        """One can drive there again. Raises NotFound."""
        people.check_edge(self.master, edge)
        change = _changing("DELETE FROM robot_edge WHERE edge = ?", edge)
        await self.books.act("robot-edge-opened", f"edge/{edge}", by, change)
        await self._do(lambda master, now_ms: people.reopen(master, edge, by.actor, now_ms))


def _changing(query: str, *values: str | int) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute(query, values)


def day_ms(now_ms: int) -> int:
    """Ms since midnight by this machine's zone."""
    hour, minute, second = map(int, local_text(now_ms * 1000, "%H %M %S").split())
    return ((hour * 60 + minute) * 60 + second) * 1000 + now_ms % 1000

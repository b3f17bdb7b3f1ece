"""An hour of the day in real time, cut to a minute and a half: real processes, a bad network, a small box.

    lived = await live(folder, seed=1, say=print)        # needs root: a network namespace of its own
    lived.problems, lived.figures

A crew logs in at the box's page and begins a stay; city, a tunnel with an alarm in it, a cell change, the
gateway killed with the patient on board, a second patient, and the oximeter moved to a bed of the ward. The
vehicle's gateway has 512 MB and half a processor (hil/faults/small_box.py); recorded hearts are the patients.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hil.ambulance.excerpt_check import (
    ALARM,
    BED,
    OXIMETER,
    VEHICLE,
    Seen,
    alarms_stored,
    believed,
    newest_ns,
    problems,
)
from hil.ambulance.moving import move, over_the_network
from hil.ambulance.page import CrewPage, Json
from hil.board import Board
from hil.demo_ambulance import CREW, ambulance
from hil.errors import NotReady
from hil.faults.kill import until
from hil.faults.namespace import in_namespace, setting
from hil.faults.small_box import SmallBox, peak_rss_mb, small_box
from hil.faults.wan import Conditions, Wan
from hil.processes import Kept
from hil.sims.emitted import now_ns
from hil.sims.plug import Order
from hil.stack import Stack
from hil.ward import NURSE, SERIAL_OXIMETER, Folder, Ward, WardBed, WardDevice
from hil.witness import Witness

CITY = Conditions(delay_s=0.04, jitter_s=0.01, loss=0.005, rate_bps=2e6)
FIRST, SECOND = "EXCERPT-1", "EXCERPT-2"
"""Who is on board, one after the other."""
_ALERT_S = 30.0
_SETTLE_S = 1.5
_TREND_LOST_MS = 20_000
"""A trend's steps are of 10 s, and written down every 10 s."""
WARD = Ward(
    (
        WardBed("bed-1", "Bed 1", "DEMO-0001", "Ada Example"),
        WardBed(BED, "Bed 2", "DEMO-0002", "Ben Sample"),
    ),
    (WardDevice("ox-1", SERIAL_OXIMETER, "bed-1", 3),),
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the parts take at the least, seconds; and how late an alarm may be."""

    city_s: float = 14.0
    tunnel_s: float = 15.0
    after_s: float = 10.0
    """After the cell change, the kill, the second patient's entering and the move, each."""
    raised_late_s: float = 1.5
    """After it was due, in the box."""
    shown_late_s: float = 3.0
    """At the page: it wakes ten times a second, on half a processor."""


@dataclass(slots=True)
class Lived:
    """What did not hold, as sentences; and figures worth printing. `parts`: those that came to pass."""

    problems: list[str] = field(default_factory=list[str])
    figures: dict[str, str] = field(default_factory=dict[str, str])
    parts: list[str] = field(default_factory=list[str])


async def live(folder: Path, seed: int, say: Callable[[str], None], pace: Pace | None = None) -> Lived:
    """All of it, in an empty `folder`. Raises NotReady: it could not even begin, or nobody is root."""
    return await in_namespace(lambda: _begun(folder, seed, say, pace or Pace()))


async def _begun(folder: Path, seed: int, say: Callable[[str], None], pace: Pace) -> Lived:
    setting("tcp_congestion_control", "reno")
    told: list[str] = []
    with small_box() as box:
        where = Folder(folder.absolute())
        stack = Stack(
            where, ward=WARD, ambulance=ambulance(), port=0, tell=told.append, within=box.argv
        )
        over_the_network(where, VEHICLE)
        async with Wan(seed) as wan, stack, CrewPage(stack.crew_page, CREW, stack.pin) as page:
            story = _Story(stack, wan, page, box, pace, say)
            await story.told()
    return story.lived


class _Story:
    def __init__(
        self, stack: Stack, wan: Wan, page: CrewPage, box: SmallBox, pace: Pace, say: Callable[[str], None]
    ) -> None:
        assert stack.ambulance is not None
        self._gateway: Kept = stack.ambulance
        self._stack, self._wan, self._page, self._box = stack, wan, page, box
        self._pace, self._say = pace, say
        self._database = stack.folder.controller / "wardlink.sqlite"
        self._witnesses = [
            Witness(stack.folder.box(name) / "journal") for name in (VEHICLE, stack.ward.gateway)
        ]
        self._seen = Seen(began_ns=now_ns())
        self._rss_mb = 0.0
        self.lived = Lived()

    async def told(self) -> None:
        """Part by part; what does not come to pass ends it, and the checks are made all the same."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "city": self._city,
            "tunnel": self._tunnel,
            "cell change": self._cells,
            "gateway killed": self._killed,
            "second patient": self._second,
            "oximeter moved": self._moved,
            "all arrived": self._ended,
        }
        for name, part in parts.items():
            try:
                await part()
            except NotReady as error:
                self.lived.problems.append(f"{name}: {error}")
                break
            finally:
                self._look()
            self.lived.parts.append(name)
            self._say(f"real time, {(now_ns() - self._seen.began_ns) / 1e9:.0f} s: {name}")
        await self._judged()

    # the parts

    async def _city(self) -> None:
        await self._wan.set(CITY)
        await self._page.log_in()
        await self._begins({"sex": "male", "age": 60}, FIRST)
        await until("values at the page", lambda: self._page.value(OXIMETER, "spo2") is not None)
        await until("values at the hospital", lambda: newest_ns(self._database, OXIMETER) > 0, every_s=0.2)
        await self._marks("city")
        await asyncio.sleep(self._pace.city_s)
        known = {"action": "identify", "identifier": FIRST, "name": "One Example"}
        await self._page.tell("patient", known)

    async def _tunnel(self) -> None:
        """The alarm is raised and shown in it, and arrives after it."""
        before = await self._wan.counts()
        await self._wan.blackout()
        entered = now_ns()
        self._orders(Order.SICK)
        await until("the alarm at the page", self._is_alarmed, _ALERT_S)
        await self._marks("tunnel")
        await asyncio.sleep(max(0.0, self._pace.tunnel_s - (now_ns() - entered) / 1e9))
        self._seen.tunnel = entered, now_ns()
        blocked = (await self._wan.counts() - before)["up-blacked-out"]
        if not blocked or newest_ns(self._database, OXIMETER) > entered or alarms_stored(self._database):
            self.lived.problems.append("tunnel: something got through, so it proves nothing")
        await self._wan.set(CITY)
        left = now_ns()
        await until("the alarm at the hospital", lambda: bool(alarms_stored(self._database)), every_s=0.1)
        self.lived.figures["alarm at the hospital"] = f"{(now_ns() - left) / 1e9:.1f} s after the tunnel"

    async def _cells(self) -> None:
        before, since = await self._wan.counts(), now_ns()
        await self._wan.orphan()
        await self._heard(since)
        took_s = (now_ns() - since) / 1e9
        if not (await self._wan.counts() - before)["up-orphaned"]:
            self.lived.problems.append("cell change: no connection broke, so it proves nothing")
        self.lived.figures["cell change"] = f"live again after {took_s:.1f} s"
        await asyncio.sleep(self._pace.after_s)

    async def _killed(self) -> None:
        """Page, alarm, stay, marks and trend are back."""
        case, alarm, trend = self._page.case, self._alarm(), await self._page.trend("spo2")
        snapshots, starts, pid = self._page.snapshots, self._gateway.starts, self._gateway.pid
        self._rss_mb = max(self._rss_mb, peak_rss_mb(pid or 0))
        at = now_ns()
        psutil.Process(pid).kill()
        await until("the gateway's next start", lambda: self._gateway.starts > starts)
        self._look()

        def is_back() -> bool:
            return self._page.snapshots > snapshots and self._is_alarmed() and self._has_values()

        await until("the page, its alarm and values, after the kill", is_back)
        self.lived.figures["killed"] = f"page, alarm and values back after {(now_ns() - at) / 1e9:.1f} s"
        told = [
            f"gateway killed: {what} is another one"
            for what, held, now in (
                ("the stay", case["stay"], self._page.case["stay"]),
                ("what was marked", case["marks"], self._page.case["marks"]),
                ("the alarm's number", alarm["id"], self._alarm()["id"]),
            )
            if held != now
        ]
        kept, old = await self._page.trend("spo2"), at // 1_000_000 - _TREND_LOST_MS
        if gone := [step for step in trend if step < old and kept.get(step) != trend[step]]:
            told.append(f"gateway killed: {len(gone)} of {len(trend)} steps of the trend are gone")
        self.lived.problems += told
        await asyncio.sleep(self._pace.after_s)

    async def _second(self) -> None:
        """The first one leaves, well again; nothing of them is shown to the next."""
        await self._page.see(self._alarm()["number"])
        self._orders(Order.WELL)
        await until("the alarm's end", lambda: not self._page.alarms_of(OXIMETER))
        self._seen.leaves(now_ns())
        await self._page.tell("patient", {"action": "end"})
        self._seen.empty(now_ns())
        await asyncio.sleep(_SETTLE_S)
        self._seen.leaves(now_ns())
        await self._begins({"identifier": SECOND, "name": "Two Example"}, SECOND)
        if self._page.case["marks"]:
            self.lived.problems.append("second patient: the marks of the first are shown")
        await until("values of the second", self._has_values)
        await self._marks("second")
        await asyncio.sleep(self._pace.after_s)

    async def _moved(self) -> None:
        """By configuration: the vehicle's gateway serves it no more, the ward's does."""
        snapshots, ward = self._page.snapshots, self._stack.gateway
        self._rss_mb = max(self._rss_mb, peak_rss_mb(self._gateway.pid or 0))
        self._seen.unplugged_ns = now_ns()
        move(self._stack.folder, OXIMETER, VEHICLE, self._stack.ward.gateway, BED)
        await self._gateway.restart()
        await until("the vehicle's page after the move", lambda: self._page.snapshots > snapshots)
        await until("the oximeter gone from that page", lambda: OXIMETER not in self._page.devices)
        self._look()
        self._seen.plugged_ns = now_ns()
        await ward.restart()
        await self._heard(self._seen.plugged_ns)
        await until("the controller's belief", self._is_believed, every_s=0.2)
        await asyncio.sleep(self._pace.after_s)
        self.lived.problems += await self._board_says()
        if self._page.value(OXIMETER, "spo2") is not None:
            self.lived.problems.append("oximeter moved: its values are still shown in the vehicle")

    async def _ended(self) -> None:
        """Devices stop, and everything arrives; then the gateways stop."""
        self._rss_mb = max(self._rss_mb, peak_rss_mb(self._gateway.pid or 0))
        self.lived.problems += [f"the box: {one}" for one in self._box.problems(self._gateway.pid or 0)]
        self._seen.leaves(now_ns())
        await self._stack.stop_devices()
        self._seen.devices = self._stack.devices

        def all_there() -> bool:
            self._look()
            return not any(one.unsettled(self._database) for one in self._witnesses)

        await until("all that was accepted in the ledger", all_there, every_s=0.5)
        self._memory()
        await asyncio.gather(*(gateway.stop() for gateway in self._stack.gateways))

    # hands and eyes

    async def _begins(self, about: Json, identifier: str) -> None:
        await self._page.tell("patient", {"action": "begin", **about})
        self._seen.enters(now_ns(), identifier)

    async def _marks(self, text: str) -> None:
        await self._page.tell("mark", {"code": "note", "text": text})
        self._seen.marks.append((text, self._seen.aboard))

    def _orders(self, order: Order) -> None:
        with self._stack.folder.plug(OXIMETER).open("w", encoding="ascii") as plug:
            plug.write(f"{order}\n")

    def _alarm(self) -> Json:
        if (alarm := self._page.alarm(OXIMETER, ALARM)) is None:
            raise NotReady("the alarm is not shown any more, and its cause goes on")
        return alarm

    def _is_alarmed(self) -> bool:
        return self._page.alarm(OXIMETER, ALARM) is not None

    def _has_values(self) -> bool:
        return all(
            self._page.value(device, metric) is not None
            for device, metric in ((OXIMETER, "spo2"), ("monitor-a", "hr"))
        )

    def _is_believed(self) -> bool:
        return believed(self._database, OXIMETER) == (self._stack.ward.gateway, BED)

    async def _heard(self, since: int) -> None:
        await until(
            "new values of the oximeter", lambda: newest_ns(self._database, OXIMETER) > since, every_s=0.1
        )

    async def _board_says(self) -> list[str]:
        """What the nurse's board shows of the oximeter, where that is wrong."""
        addresses = self._stack.addresses()
        assert addresses
        async with Board(addresses.http, NURSE, self._stack.password) as board:
            shown = await board.snapshot()
        (device,) = (one for one in shown["devices"] if one["id"] == OXIMETER)
        beds = {one["bed"] for one in shown["values"] if one["device"] == OXIMETER}
        is_right = (device["gateway"], device["connected"]) == (self._stack.ward.gateway, True)
        return [] if is_right and beds == {BED} else [f"oximeter moved: the board shows {device}, at {beds}"]

    def _look(self) -> None:
        for witness in self._witnesses:
            witness.look()

    def _memory(self) -> None:
        used = self._box.used()
        wall_s = (now_ns() - self._seen.began_ns) / 1e9
        told = [f"peak RSS {self._rss_mb:.0f} MB"]
        if used.peak_mb is not None:
            told.append(f"peak of the group {used.peak_mb:.0f} of {self._box.memory_mb} MB")
            told.append(f"limit reached {used.refused} times")
        if used.cpu_s is not None:
            told.append(f"{used.cpu_s / wall_s:.0%} of a processor over {wall_s:.0f} s")
        if used.waited is not None:
            told.append(f"held back {used.waited} times, {used.waited_s:.1f} s in all")
        self.lived.figures["the box"] = ", ".join([*told, *self._box.missing])

    async def _judged(self) -> None:
        self._seen.shown = dict(self._page.first_shown)
        found, figures = await asyncio.to_thread(
            problems, self._stack.folder, self._seen, self._pace.raised_late_s, self._pace.shown_late_s
        )
        self.lived.problems += found
        for witness in self._witnesses:
            self.lived.problems += witness.problems(self._database)
        self.lived.figures |= figures

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
    newest_ns,
    problems,
)
from hil.ambulance.moving import move, over_the_network
from hil.ambulance.page import CrewPage
from hil.ambulance.scene import Scene
from hil.demo_ambulance import CREW, ambulance
from hil.errors import NotReady
from hil.faults.namespace import in_namespace, setting
from hil.faults.small_box import small_box
from hil.faults.wan import Conditions, Wan
from hil.sims.emitted import now_ns
from hil.sims.plug import Order
from hil.stack import Stack
from hil.until import until
from hil.ward import SERIAL_OXIMETER, Folder, Ward, WardBed, WardDevice

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
    """All of it, in an empty `folder`, an absolute path. Raises NotReady: it could
    not even begin, or nobody is root."""
    return await in_namespace(lambda: _begun(folder, seed, say, pace or Pace()))


async def _begun(folder: Path, seed: int, say: Callable[[str], None], pace: Pace) -> Lived:
    setting("tcp_congestion_control", "reno")
    where, told, seen = Folder(folder), list[str](), Seen(began_ns=now_ns())
    with small_box() as box:
        stack = Stack(where, ward=WARD, ambulance=ambulance(), port=0, tell=told.append, within=box.argv)
        over_the_network(where, VEHICLE)
        async with Wan(seed) as wan, stack, CrewPage(stack.crew_page, CREW, stack.pin) as page:
            story = _Story(Scene(stack, wan, page, box, seen), pace, say)
            await story.told()
    story.lived.problems += [line for line in told if " ended (" in line and "signal 9" not in line]
    return story.lived


@dataclass(slots=True)
class _Story:
    scene: Scene
    pace: Pace
    say: Callable[[str], None]
    lived: Lived = field(default_factory=Lived)

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
                self.scene.look()
            self.lived.parts.append(name)
            self.say(f"real time, {self.scene.since_s:.0f} s: {name}")
        await self._judged()

    # the parts

    async def _city(self) -> None:
        scene, page = self.scene, self.scene.page
        await scene.wan.set(CITY)
        await page.log_in()
        await scene.begins({"sex": "male", "age": 60}, FIRST)
        await until("values at the page", lambda: page.value(OXIMETER, "spo2") is not None)
        await until("values at the hospital", lambda: newest_ns(scene.database, OXIMETER) > 0, every_s=0.2)
        await scene.marks("city")
        await asyncio.sleep(self.pace.city_s)
        known = {"action": "identify", "identifier": FIRST, "name": "One Example"}
        await page.tell("patient", known)

    async def _tunnel(self) -> None:
        """The alarm is raised and shown in it, and arrives after it."""
        scene = self.scene
        before = await scene.wan.counts()
        await scene.wan.blackout()
        entered = now_ns()
        scene.orders(Order.SICK)
        await until("the alarm at the page", scene.is_alarmed, _ALERT_S)
        await scene.marks("tunnel")
        await asyncio.sleep(max(0.0, self.pace.tunnel_s - (now_ns() - entered) / 1e9))
        scene.seen.tunnel = entered, now_ns()
        blocked = (await scene.wan.counts() - before)["up-blacked-out"]
        if not blocked or newest_ns(scene.database, OXIMETER) > entered or alarms_stored(scene.database):
            self.lived.problems.append("tunnel: something got through, so it proves nothing")
        await scene.wan.set(CITY)
        left = now_ns()
        await until(
            "the alarm at the hospital",
            lambda: (OXIMETER, ALARM) in alarms_stored(scene.database),
            every_s=0.1,
        )
        self.lived.figures["alarm at the hospital"] = f"{(now_ns() - left) / 1e9:.1f} s after the tunnel"

    async def _cells(self) -> None:
        scene = self.scene
        before, since = await scene.wan.counts(), now_ns()
        await scene.wan.orphan()
        await scene.heard(since)
        took_s = (now_ns() - since) / 1e9
        if not (await scene.wan.counts() - before)["up-orphaned"]:
            self.lived.problems.append("cell change: no connection broke, so it proves nothing")
        self.lived.figures["cell change"] = f"live again after {took_s:.1f} s"
        await asyncio.sleep(self.pace.after_s)

    async def _killed(self) -> None:
        """Page, alarm, stay, marks and trend are back."""
        scene, page = self.scene, self.scene.page
        case, alarm, trend = page.case, scene.alarm(), await page.trend("spo2")
        snapshots, starts, pid = page.snapshots, scene.gateway.starts, scene.gateway.pid
        scene.weigh()
        at = now_ns()
        psutil.Process(pid).kill()
        await until("the gateway's next start", lambda: scene.gateway.starts > starts)
        scene.look()

        def is_back() -> bool:
            return page.snapshots > snapshots and scene.is_alarmed() and scene.has_values()

        await until("the page, its alarm and values, after the kill", is_back)
        self.lived.figures["killed"] = f"page, alarm and values back after {(now_ns() - at) / 1e9:.1f} s"
        told = [
            f"gateway killed: {what} is another one"
            for what, held, now in (
                ("the stay", case["stay"], page.case["stay"]),
                ("what was marked", case["marks"], page.case["marks"]),
                ("the alarm's number", alarm["id"], scene.alarm()["id"]),
            )
            if held != now
        ]
        kept = await page.trend("spo2")
        old = [step for step in trend if step < at // 1_000_000 - _TREND_LOST_MS]
        if gone := [step for step in old if kept.get(step) != trend[step]]:
            told.append(f"gateway killed: {len(gone)} of {len(old)} steps of the trend are gone")
        self.lived.figures["trend kept"] = f"{len(old) - len(gone)} steps of 10 s before the kill"
        self.lived.problems += told
        await asyncio.sleep(self.pace.after_s)

    async def _second(self) -> None:
        """The first one leaves, well again; nothing of them is shown to the next."""
        scene, page = self.scene, self.scene.page
        await page.see(scene.alarm()["number"])
        scene.orders(Order.WELL)
        await until("the alarm's end", lambda: not page.alarms_of(OXIMETER))
        scene.seen.leaves(now_ns())
        await page.tell("patient", {"action": "end"})
        scene.seen.empty(now_ns())
        await asyncio.sleep(_SETTLE_S)
        scene.seen.leaves(now_ns())
        await scene.begins({"identifier": SECOND, "name": "Two Example"}, SECOND)
        await until("the second at the page", lambda: _on_board(page) == SECOND)
        if page.case["marks"]:
            self.lived.problems.append("second patient: the marks of the first are shown")
        await until("values of the second", scene.has_values)
        await scene.marks("second")
        await asyncio.sleep(self.pace.after_s)

    async def _moved(self) -> None:
        """By configuration: the vehicle's gateway serves it no more, the ward's does."""
        scene, page = self.scene, self.scene.page
        snapshots, ward = page.snapshots, scene.stack.gateway
        scene.weigh()
        scene.seen.unplugged_ns = now_ns()
        move(scene.stack.folder, OXIMETER, VEHICLE, scene.stack.ward.gateway, BED)
        await scene.gateway.restart()
        await until("the vehicle's page after the move", lambda: page.snapshots > snapshots)
        await until("the oximeter gone from that page", lambda: OXIMETER not in page.devices)
        scene.look()
        scene.seen.plugged_ns = now_ns()
        await ward.restart()
        await scene.heard(scene.seen.plugged_ns)
        await until("the controller's belief", scene.is_believed, every_s=0.2)
        await asyncio.sleep(self.pace.after_s)
        self.lived.problems += [f"oximeter moved: {one}" for one in await scene.board_says()]
        if page.value(OXIMETER, "spo2") is not None:
            self.lived.problems.append("oximeter moved: its values are still shown in the vehicle")

    async def _ended(self) -> None:
        """Devices stop, and everything arrives; then the gateways stop."""
        scene = self.scene
        scene.weigh()
        self.lived.problems += scene.limits()
        scene.seen.leaves(now_ns())
        await scene.stack.stop_devices()
        scene.seen.devices = scene.stack.devices
        await scene.all_there()
        self.lived.figures["the box"] = scene.weight()
        await asyncio.gather(*(gateway.stop() for gateway in scene.stack.gateways))

    async def _judged(self) -> None:
        scene, page = self.scene, self.scene.page
        scene.seen.shown = dict(page.first_shown)
        found, figures = await asyncio.to_thread(
            problems,
            scene.stack.folder,
            scene.seen,
            self.pace.raised_late_s,
            self.pace.shown_late_s,
        )
        self.lived.problems += found
        self.lived.problems += scene.unwitnessed()
        self.lived.figures |= figures


def _on_board(page: CrewPage) -> str:
    """The identifier of whoever is on board by the page; "": nobody, or nobody knows."""
    return (page.case.get("stay") or {}).get("identifier", "")

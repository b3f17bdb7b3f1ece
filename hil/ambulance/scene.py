"""The scene of the real-time excerpt: its processes, what the crew does, and what everybody sees."""

from dataclasses import dataclass, field
from pathlib import Path

from hil.ambulance.excerpt_check import ALARM, BED, OXIMETER, VEHICLE, Seen, believed, newest_ns
from hil.ambulance.page import CrewPage, Json
from hil.board import Board
from hil.errors import NotReady
from hil.faults.small_box import SmallBox, peak_rss_mb
from hil.faults.wan import Wan
from hil.processes import Kept
from hil.sims.emitted import now_ns
from hil.sims.plug import Order
from hil.stack import Stack
from hil.until import until
from hil.ward import NURSE
from hil.witness import Witness


@dataclass(slots=True)
class Scene:
    """Of one excerpt. Everything that waits raises NotReady."""

    stack: Stack
    wan: Wan
    page: CrewPage
    box: SmallBox
    seen: Seen
    witnesses: tuple[Witness, ...] = field(init=False)
    _rss_mb: float = 0.0

    def __post_init__(self) -> None:
        names = VEHICLE, self.stack.ward.gateway
        self.witnesses = tuple(Witness(self.stack.folder.box(name) / "journal") for name in names)

    @property
    def gateway(self) -> Kept:
        """The vehicle's."""
        assert self.stack.ambulance is not None
        return self.stack.ambulance

    @property
    def database(self) -> Path:
        """The controller's."""
        return self.stack.folder.controller / "wardlink.sqlite"

    @property
    def since_s(self) -> float:
        """Since the excerpt began."""
        return (now_ns() - self.seen.began_ns) / 1e9

    # the crew's hands

    async def begins(self, about: Json, identifier: str) -> None:
        """A patient comes on board, who is `identifier`, whatever the crew knows."""
        await self.page.tell("patient", {"action": "begin", **about})
        self.seen.enters(now_ns(), identifier)

    async def marks(self, text: str) -> None:
        """A note for the patient on board."""
        await self.page.tell("mark", {"code": "note", "text": text})
        self.seen.marks.append((text, self.seen.aboard))

    def orders(self, order: Order) -> None:
        """To the oximeter."""
        with self.stack.folder.plug(OXIMETER).open("w", encoding="ascii") as plug:
            plug.write(f"{order}\n")

    # the page

    def alarm(self) -> Json:
        """The alarm as the page shows it."""
        if (alarm := self.page.alarm(OXIMETER, ALARM)) is None:
            raise NotReady("the alarm is not shown any more, and its cause goes on")
        return alarm

    def is_alarmed(self) -> bool:
        """Whether the page shows it."""
        return self.page.alarm(OXIMETER, ALARM) is not None

    def has_values(self) -> bool:
        """Whether the page shows values of oximeter and monitor."""
        wanted = (OXIMETER, "spo2"), ("monitor-a", "hr")
        return all(self.page.value(*one) is not None for one in wanted)

    # the hospital

    async def heard(self, since: int) -> None:
        """Wait until the hospital has something of the oximeter that was measured after `since`."""
        news = "new values of the oximeter at the hospital"
        await until(news, lambda: newest_ns(self.database, OXIMETER) > since, every_s=0.1)

    def is_believed(self) -> bool:
        """Whether the controller has the oximeter at the ward's gateway and bed."""
        return believed(self.database, OXIMETER) == (self.stack.ward.gateway, BED)

    async def board_says(self) -> list[str]:
        """What the nurse's board shows of the oximeter, where that is not the ward's."""
        addresses = self.stack.addresses()
        assert addresses
        async with Board(addresses.http, NURSE, self.stack.password) as board:
            shown = await board.snapshot()
        (device,) = (one for one in shown["devices"] if one["id"] == OXIMETER)
        beds = {one["bed"] for one in shown["values"] if one["device"] == OXIMETER}
        is_right = (device["gateway"], device["connected"]) == (self.stack.ward.gateway, True)
        return [] if is_right and beds == {BED} else [f"the board shows {device}, its values at {beds}"]

    # the checkers

    def look(self) -> None:
        """Read what the gateways have accepted, before any of it goes."""
        for witness in self.witnesses:
            witness.look()

    async def all_there(self) -> None:
        """Wait until all that was accepted is in the ledger."""

        def holds() -> bool:
            self.look()
            return not any(one.unsettled(self.database) for one in self.witnesses)

        await until("all that was accepted in the ledger", holds, every_s=0.5)

    def unwitnessed(self) -> list[str]:
        """What was accepted and is not in the ledger or not whole, as sentences."""
        return [line for one in self.witnesses for line in one.problems(self.database)]

    # the box

    def weigh(self) -> None:
        """How much memory the gateway that runs now has had: before it ends."""
        self._rss_mb = max(self._rss_mb, peak_rss_mb(self.gateway.pid or 0))

    def limits(self) -> list[str]:
        """Where the box's limits were not in force, as sentences."""
        return [f"the box: {one}" for one in self.box.problems(self.gateway.pid or 0)]

    def weight(self) -> str:
        """What the box had, for people."""
        used, wall_s = self.box.used(), self.since_s
        told = [f"peak RSS of a process {self._rss_mb:.0f} MB"]
        if used.peak_mb is not None:
            told.append(f"peak of the group {used.peak_mb:.0f} of {self.box.memory_mb} MB")
            told.append(f"that limit reached {used.refused} times")
        if used.cpu_s is not None:
            told.append(f"{used.cpu_s / wall_s:.0%} of a processor over {wall_s:.0f} s")
        if used.waited is not None:
            told.append(f"held back {used.waited} times, {used.waited_s:.1f} s in all")
        return ", ".join([*told, *self.box.missing])

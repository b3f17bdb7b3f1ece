"""A ward of real processes under a campaign: what is true of it, and the checks at its end.

async with RunningWard(folder, beds=6) as ward:
    await ward.is_live()
    ...
    await ward.caught_up()
    problems = await ward.end()
"""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.ledger import LedgerRow, ledger_table
from controller.store import Store
from hil.campaigns.verdict import Verdict
from hil.database import LANES, Stream, connected, streams
from hil.endcheck import Compared, compared
from hil.errors import NotReady
from hil.faults.kill import Killer
from hil.sims.emitted import boot_id, now_ns
from hil.stack import Stack
from hil.until import until
from hil.ward import GATEWAY, Folder, six_kinds
from hil.witness import Witness

_LIVE = """SELECT DISTINCT device FROM observation JOIN series ON series.id = series
JOIN boot ON boot.id = observation.boot WHERE observation.id > ? AND boot.boot = ? AND mono_us > ?"""
_SUMS = ("sent", "stored", "unheard")


class RunningWard:
    """`beds` beds with three devices each, their gateway and the controller, in `root`."""

    def __init__(self, root: Path, beds: int) -> None:
        self.folder = Folder(root.absolute())
        self.began_ns = now_ns()
        self.told: list[str] = []
        self.stack = Stack(self.folder, ward=six_kinds(beds), port=0, tell=self.told.append)
        self.killer = Killer(self.stack, self.told)
        self.witness = Witness(self.folder.gateway / "journal")
        self.database = self.folder.controller / "wardlink.sqlite"
        self.devices = {device.id for device in self.stack.ward.devices}

    async def __aenter__(self) -> Self:
        """Start everything, and wait until every device is heard. Raises NotReady."""
        await self.stack.__aenter__()
        try:
            await until("all devices are live", lambda: self.live_since(self.began_ns) == self.devices)
        except NotReady:
            await self.stack.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stack.stop()

    def live_since(self, ns: int, after: int = 0) -> set[str]:
        """The devices of which something is stored, after row `after`, that was measured after `ns`."""
        with closing(connected(self.database)) as db:
            return {device for (device,) in db.execute(_LIVE, (after, boot_id(), ns // 1000))}

    def last_row(self) -> int:
        """The newest observation's row."""
        with closing(connected(self.database)) as db:
            return db.execute("SELECT ifnull(max(id), 0) FROM observation").fetchone()[0]

    def streams(self) -> list[Stream]:
        """The ledger of the ward's own gateway, without a look at the records."""
        return [one for one in streams(self.database, with_records=False) if one.gateway == GATEWAY]

    def compared(self) -> list[Compared]:
        """What the devices sent against what is stored."""
        checks = compared(self.folder.root / "emitted", self.database, boot_id(), self.began_ns)
        return [one for one in checks if one.device in self.devices]

    async def live_again(self, after: str) -> None:
        """Wait until a third of the devices have sent something new, and it is stored. Raises NotReady."""
        row, since, enough = self.last_row(), now_ns(), len(self.devices) // 3
        await until(f"live after {after}", lambda: len(self.live_since(since, row)) >= enough, every_s=0.2)

    async def caught_up(self, after: str) -> None:
        """Wait until all that was made or accepted by now is in the ledger. Raises NotReady."""
        self.witness.look()
        produced = {(one.journal, one.lane): one.produced for one in self.streams()}

        def holes() -> list[str]:
            missing = (
                (one.name, one.missing(produced.get((one.journal, one.lane), 0))) for one in self.streams()
            )
            return [f"{name}: {spans}" for name, spans in missing if spans]

        def holds() -> bool:
            return not holes() and not self.witness.unsettled(self.database)

        await until(f"all of before is in the ledger after {after}", holds, every_s=0.2)

    async def end(self) -> list[str]:
        """Stop the devices, wait for the rest, stop the gateway. What does not hold then, as sentences."""
        await self.stack.stop_devices()
        problems: list[str] = []
        try:
            await until("all that was sent is stored", self._has_all, every_s=0.5)
            # An idle lane may not have noticed yet that its connection is dead: its last alerts take longer.
            await self.caught_up("the devices ended")
        except NotReady as error:
            problems.append(str(error))
        # Stopped in good order, it hands over what it still has.
        await self.stack.gateway.stop()
        self.witness.look()
        return problems + self._checked() + await self._product_agrees()

    def _has_all(self) -> bool:
        return all(one.is_clean for one in self.compared())

    def _checked(self) -> list[str]:
        checks = self.compared()
        problems = [
            line for one in streams(self.database) if one.gateway == GATEWAY for line in one.problems()
        ]
        problems += self.witness.problems(self.database)
        problems += [f"{one.device}, {one.metric}: {one.missing} lost" for one in checks if one.missing]
        problems += [
            f"{one.device}, {one.metric}: {one.surplus} stored that were never sent, or twice"
            for one in checks
            if one.surplus
        ]
        unheard = self.devices - {one.device for one in checks if one.stored}
        return problems + [f"nothing came of {device}" for device in sorted(unheard)]

    async def _product_agrees(self) -> list[str]:
        """Whether `wardlink ledger`, the product's own proof, says the same as SQL."""
        rows = [row for row in await self._table() if row.gateway == GATEWAY]
        said = {(row.journal, row.lane): (row.produced, row.missing, row.duplicated) for row in rows}
        found = {
            (one.journal.hex(), LANES[one.lane]): (one.produced, _count(one.missing()), one.twice)
            for one in streams(self.database)
            if one.gateway == GATEWAY
        }
        return [] if said == found else [f"the product's ledger says {said}, the database {found}"]

    async def _table(self) -> list[LedgerRow]:
        store = await Store.open(self.database)
        try:
            return await ledger_table(store)
        finally:
            await store.close()

    def facts(self) -> dict[str, str]:
        """How much was seen."""
        ledger, checks = self.streams(), self.compared()
        journals, produced, again = (
            len({one.journal for one in ledger}),
            sum(one.produced for one in ledger),
            sum(one.resent for one in ledger),
        )
        sent, stored, unheard = (sum(getattr(one, what) for one in checks) for what in _SUMS)
        return {
            "blocks": f"{produced} produced in {journals} journals, {again} came again",
            "witnessed": f"{len(self.witness.blocks)} blocks were seen in the gateway's files",
            "values": f"{sent} sent, {stored} stored, {unheard} unheard",
            "seconds": f"{(now_ns() - self.began_ns) / 1e9:.0f}",
        }


def _count(spans: list[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in spans)


def add_to_last(verdict: Verdict, problems: list[str]) -> None:
    """What only the end shows belongs to the last round: nobody knows to which."""
    last = verdict.rounds[-1]
    verdict.rounds[-1] = replace(last, problems=(*last.problems, *problems))

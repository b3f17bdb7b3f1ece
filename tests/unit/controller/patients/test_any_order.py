"""Whatever is said of whom in whatever order, and whoever turns out to be whom: none of it is lost."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import Conflict
from controller.hub import Hub
from controller.identity.certificates import By
from controller.patients.model import Meant, PatientFacts, Substance
from controller.patients.register import Patients
from controller.registry import Patient, Registry
from controller.stays import begin, identify, present, unknown
from controller.store import Store
from tests.unit.controller.conftest import START_US, TestClock

BY = By("anna")
WHO = (unknown("1"), "4711", "4712")
STEPS = st.one_of(
    st.tuples(st.just("lie"), st.sampled_from(WHO)),
    st.tuples(st.just("allergy"), st.sampled_from(WHO)),
    st.tuples(st.just("weight"), st.sampled_from(WHO)),
    st.tuples(st.just("none"), st.sampled_from(WHO)),
    st.tuples(st.just("is"), st.sampled_from(WHO[1:])),
)


class World:
    """One bed, and all that was said."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, TestClock(START_US)
        self.patients = Patients(store, self.clock)
        self.allergies, self.weights, self.nones = list[str](), list[int](), 0

    async def step(self, what: str, who: str) -> None:
        self.clock.at_us += 1_000_000
        at_ms = self.clock.at_us // 1000
        if what == "lie":
            await self.store.write(lambda db: begin(db, "bed-1", Patient(who, who), at_ms, "anna"))
        elif what == "is":
            await self.store.write(lambda db: self._is(db, who))
        elif await self.store.read("SELECT 1 FROM stay WHERE identifier = ?", (who,)):
            await self._say(what, Meant(who))

    async def _say(self, what: str, who: Meant) -> None:
        if what == "allergy":
            self.allergies.append(f"substance {len(self.allergies)}")
            await self.patients.add_allergy(who, Substance(self.allergies[-1]), BY)
        elif what == "weight":
            self.weights.append(len(self.weights) + 1)
            await self.patients.measure(who, "weight", self.weights[-1], BY)
        elif not (await self.patients.find(who.identifier)).active_allergies:
            await self.patients.say_no_known_allergies(who, BY)
            self.nones += 1

    @staticmethod
    def _is(db: object, who: str) -> None:
        stay = present(db, "bed-1")  # type: ignore[arg-type]
        if stay is not None:
            identify(db, stay, Patient(who, who))  # type: ignore[arg-type]

    async def check(self) -> None:
        """Each allergy counts for one patient, each weight is kept, and nobody with an allergy has none."""
        found = [
            await self._facts(row["identifier"]) for row in await self.store.read("SELECT * FROM patient")
        ]
        assert sorted(one.display for facts in found for one in facts.allergies) == sorted(self.allergies)
        assert all(not (facts.active_allergies and facts.no_known_allergies) for facts in found)
        weights = await self.store.read("SELECT value FROM patient_measured ORDER BY value")
        assert [row["value"] // 1000 for row in weights] == self.weights
        [said] = await self.store.read("SELECT count(*) AS n FROM patient_allergy WHERE allergy IS NULL")
        assert said["n"] == self.nones
        if isinstance(self.store.where, Path):  # a server cannot do otherwise
            assert await self.store.read("SELECT 1 FROM pragma_foreign_key_check") == []

    async def _facts(self, identifier: str) -> PatientFacts:
        return await self.patients.find(identifier)


async def lived(steps: list[tuple[str, str]], folder: Path) -> None:
    store = await Store.open(folder / "wardlink.sqlite")
    try:
        registry = Registry(store, Hub(TestClock(START_US), "session"), TestClock(START_US))
        await registry.load()
        await registry.add_ward("w-1", "Ward 1")
        await registry.add_bed("bed-1", "w-1", "Bed 1")
        world = World(store)
        for what, who in steps:
            try:
                await world.step(what, who)
            except Conflict:
                continue
        await world.check()
    finally:
        await store.close()


@given(st.lists(STEPS, max_size=14))
@settings(max_examples=40, deadline=None)
def test_nothing_that_was_said_is_lost(steps: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(lived(steps, Path(folder)))

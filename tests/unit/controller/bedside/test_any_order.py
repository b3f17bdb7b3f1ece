"""Whatever happens in whatever order: a gateway judges by what the newest setting that it heard says of who
lies where its devices are, and never by another patient's limits.
"""

import asyncio
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.stays import Patient
from controller.store import Store
from devices.model.alarm_limits import CONDITIONS, PatientClass
from tests.support.ward_box import WardBox
from tests.unit.controller.bedside.conftest import KIM, Ward
from tests.unit.controller.conftest import Desk

CODE = "hr-low"  # adult 50 (30–60), child 75 (40–100), neonate 100 (60–120)
BEDS, DEVICES, PATIENTS = ("bed-1", "bed-2"), ("ox-1", "ox-2"), ("ann", "ben", "cat")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), st.sampled_from(PATIENTS), st.sampled_from(BEDS)),
        st.tuples(st.just("discharge"), st.sampled_from(BEDS)),
        st.tuples(st.just("place"), st.sampled_from(DEVICES), st.sampled_from((*BEDS, ""))),
        st.tuples(
            st.just("limit"), st.sampled_from(BEDS), st.sampled_from(("", "45", "55", "80", "110", "999"))
        ),
        st.tuples(st.just("class"), st.sampled_from(BEDS), st.sampled_from(("", *PatientClass))),
        st.tuples(st.sampled_from(("restart", "away", "back")), st.sampled_from(("a", "b"))),
    ),
    max_size=25,
)


@dataclass
class Lies:
    """Who lies in a bed, as this test remembers it."""

    patient: str
    chosen: str = ""
    value: str = ""

    @property
    def of(self) -> PatientClass:
        return PatientClass(self.chosen or "adult")

    def limit(self) -> str:
        """What has to hold for this patient."""
        one = CONDITIONS[CODE]
        is_moved = self.value and one.allows(type(one.limits[self.of])(self.value), self.of)
        return self.value if is_moved else str(one.limits[self.of])

    def choose(self, chosen: str) -> None:
        self.chosen = chosen
        self.value = self.limit() if self.limit() == self.value else ""


@dataclass
class Ideal:
    """The truth: who lies where, where each device is, and what each box heard of that last."""

    lies: dict[str, Lies] = field(default_factory=dict[str, Lies])
    places: dict[str, str] = field(default_factory=lambda: {"ox-1": "bed-1", "ox-2": "bed-2"})
    heard: dict[str, dict[str, Lies | None]] = field(default_factory=dict[str, dict[str, Lies | None]])

    def tell(self, box: WardBox) -> None:
        (device,) = (one for one, _ in box.served)
        lies = self.lies.get(self.places[device])
        self.heard[box.gateway] = {device: replace(lies) if lies else None}

    def expected(self, box: WardBox) -> dict[str, str]:
        heard = self.heard.get(box.gateway, {})
        return {str(one): _limit(heard.get(one)) for one, _ in box.served}


def _limit(lies: Lies | None) -> str:
    return lies.limit() if lies else str(CONDITIONS[CODE].limits[PatientClass.ADULT])


def in_force(box: WardBox) -> dict[str, str]:
    return {str(device): box.limit(CODE, bed, device) for device, bed in box.served}


async def done(ward: Ward, ideal: Ideal, what: str, *of: str) -> None:
    """The same to the ward and to the ideal."""
    match what, of:
        case "admit", (patient, bed):
            elsewhere = [one for one in ideal.lies if one != bed and ideal.lies[one].patient == patient]
            for other in elsewhere:
                await done(ward, ideal, "discharge", other)
            await ward.registry.admit(bed, Patient(patient, patient.title()), "kim")
            ideal.lies[bed] = Lies(patient)
        case "discharge", (bed,):
            await ward.registry.discharge(bed, "kim")
            ideal.lies.pop(bed, None)
        case "place", (device, bed):
            await ward.registry.assign(device, bed or None, "kim", move=True)
            ideal.places[device] = bed
        case "limit", (bed, value) if (lies := ideal.lies.get(bed)) and bed in ideal.places.values():
            await ward.move(value, CODE, bed, lies.patient)
            lies.value = value
        case "class", (bed, chosen) if (lies := ideal.lies.get(bed)) and bed in ideal.places.values():
            await ward.limits.choose(bed, lies.patient, chosen, KIM)
            lies.choose(chosen)
        case _:
            pass


async def run(folder: Path, steps: list[tuple[Any, ...]]) -> None:
    store = await Store.open(folder / "wardlink.sqlite")
    try:
        desk = Desk(store)
        await desk.load()
        await desk.registry.add_ward("w-1", "Ward 1")
        for bed in BEDS:
            await desk.registry.add_bed(bed, "w-1", bed)
        ward = Ward(desk, folder)
        await ward.begin()
        await follow(ward, steps)
    finally:
        await store.close()


async def follow(ward: Ward, steps: list[tuple[Any, ...]]) -> None:
    ideal, boxes, away = Ideal(), {"a": ward.a, "b": ward.b}, set[str]()
    for what, *of in [*steps, ("back", "a"), ("back", "b")]:
        ward.desk.clock.at_us += 1_000_000
        if what == "restart":
            boxes[of[0]].restart()
        elif what in ("away", "back"):
            (away.add if what == "away" else away.discard)(of[0])
        await done(ward, ideal, what, *of)
        for name, box in boxes.items():
            if name not in away:
                await box.hear()
                ideal.tell(box)
            assert in_force(box) == ideal.expected(box), f"{box.gateway} after {what} {of}"
    for bed, lies in ideal.lies.items():
        if bed in ideal.places.values():
            held = await ward.shown(CODE, bed)
            assert str(int(held["value"] or held["usual"])) == lies.limit()
            is_refused = lies.value not in ("", lies.limit())
            assert (held["asked"] is not None) == is_refused, "all boxes have heard and said all"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_limits_in_force_are_those_of_who_lies_there_as_the_box_heard_it_last(
    steps: list[tuple[Any, ...]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), steps))

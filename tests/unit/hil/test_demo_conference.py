"""hil/demo_conference.py: the demo has a conference that is agreed upon, once."""

from pathlib import Path

from controller.clock import SystemClock
from controller.conferences.model import Person
from controller.conferences.service import ConferenceService
from controller.conferences.states import ConferenceState
from controller.config import load
from controller.identity.certificates import By
from controller.patients.model import Meant
from controller.patients.register import Patients
from controller.patients.register import Person as Facts
from controller.prescriptions.books import Books as Prescriptions
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from hil.demo_conference import nothing_signed, plan_conference
from hil.ward import NURSE
from tests.support.controller import PASSWORD, quick_passwords

PEOPLE = {NURSE: Role.NURSE, "physician": Role.PHYSICIAN, "radiology": Role.RADIOLOGY}


async def test_two_patients_are_on_its_agenda_and_agree_and_it_is_planned_once(tmp_path: Path) -> None:
    config = tmp_path / "controller.toml"
    config.write_text('[controller]\ndata = "."\n', encoding="utf-8")
    store, clock = await Store.open(load(config).database), SystemClock()
    try:
        with quick_passwords():
            for name, role in (
                (NURSE, Role.NURSE),
                ("physician", Role.PHYSICIAN),
                ("radiology", Role.RADIOLOGY),
            ):
                await set_password(store, clock, name, PASSWORD, role)
        await store.write(lambda db: db.execute("INSERT INTO ward VALUES ('ward', 'Ward')"))
        for one in ("DEMO-0001", "DEMO-0002"):
            await Patients(store, clock).register(Meant(one), Facts(None, None, one), "ward", By("test"))
        await plan_conference(config)
        await plan_conference(config)
        service = ConferenceService(store, clock, nothing_signed, Prescriptions(store, clock))
        [made] = await service.books.of(Person("", NURSE))
        assert (made.state, made.chair.display) == (ConferenceState.BOOKED, "Dr. Physician")
        assert [case.identifier for case in made.cases] == ["DEMO-0001", "DEMO-0002"]
        said = await service.sharing.said_for(made.entity)
        assert {patient: one.said for patient, one in said.items()} == dict.fromkeys(
            ("DEMO-0001", "DEMO-0002"), "permit"
        )
        assert [len(await service.items.of(case.id)) for case in made.cases] == [2, 2]
    finally:
        await store.close()

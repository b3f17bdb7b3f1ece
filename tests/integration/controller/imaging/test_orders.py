"""From the order to its images: dcmtk as the modality, the real door, service, desk and database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from controller.api.context import CONTEXT
from controller.identity.certificates import By
from controller.imaging.archive.reconciliation import confirm, doubts, move
from controller.imaging.archive.rewriting import Patient as Subject
from controller.imaging.asking import Asking
from controller.imaging.dimse.settings import May, Peer
from controller.imaging.sight import WHOLE
from controller.imaging.telling import tell_next
from controller.patients.model import Meant, Person
from controller.radiology.model import ImagingOrder, Wanted
from controller.radiology.states import OrderState, ReportState
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support import dicom
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, running
from tests.support.dimse import RunningDimse, running_door

BY = By("anna")
CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset({May.WORKLIST}))
WS1 = Peer(title="WS1", host="127.0.0.1", may=frozenset({May.FIND}))
RETURNED = (
    *("0010,0010", "0010,0020", "0008,0050", "0020,000d", "0040,1001"),
    *("(0040,0100)[0].Modality", "(0040,0100)[0].ScheduledProcedureStepStartDate"),
)


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    async with running(tmp_path, anna=Role.PHYSICIAN) as started:
        for bed, who in (("bed-1", Patient("4711", "Muster, Anna")), ("bed-2", Patient("4712", "王, 小明"))):
            await started.add_bed(bed, bed)
            await started.registry.admit(bed, who, "test")
        yield started


async def placed(controller: RunningController, bed: str, patient: str, **more: str) -> ImagingOrder:
    asked = {"modality": "CT", "part": "head", "reason": "fall", "priority": "stat", "station": "", **more}
    wanted = Wanted(**asked, scheduled_ms=controller.clock.now_us() // 1000)  # type: ignore[arg-type]
    orders = controller.app[CONTEXT].radiology.orders
    return await orders.place(bed, patient, wanted, OrderState.ACTIVE, BY)


@asynccontextmanager
async def modality(controller: RunningController, folder: Path) -> AsyncIterator[RunningDimse]:
    """A door in front of the archive beside the controller."""
    async with running_door(folder / "door", CT1, WS1, socket=folder / "imaging.sock") as door:
        yield door


async def asked(door: RunningDimse, *keys: str, title: str = "CT1", status: int = 0) -> str:
    """What findscu -W is told for these keys."""
    parts = [part for one in (*RETURNED, *keys) for part in ("-k", one)]
    said = await door.tool("findscu", title, "-W", "-v", *parts)
    assert (said.status == 0) is (status == 0), said.text
    return said.text


async def test_a_modality_is_told_birth_date_and_sex_and_finds_by_them(
    controller: RunningController, tmp_path: Path
) -> None:
    patients = controller.app[CONTEXT].patients
    await patients.set_person(Meant("4711"), Person("1950-03-02", "female"), BY)
    for bed, patient in (("bed-1", "4711"), ("bed-2", "4712")):
        await placed(controller, bed, patient)
    async with beside(controller, tmp_path), modality(controller, tmp_path) as door:
        whole = await asked(door, "0010,0030", "0010,0040")
        assert "[19500302]" in whole
        assert "[F ]" in whole or "[F]" in whole
        assert whole.count("(0010,0030) DA") == 3, "the question, and two answers"
        for key in ("0010,0030=19500101-19501231", "0010,0040=F"):
            said = await asked(door, key)
            assert "[4711]" in said
            assert "[4712]" not in said


async def test_a_modality_is_told_what_it_has_to_do_and_by_which_numbers(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path), modality(controller, tmp_path) as door:
        first = await placed(controller, "bed-1", "4711")
        second = await placed(controller, "bed-2", "4712", modality="US", station="US7")
        everything = await asked(door)
        for one in (first, second):
            assert one.accession in everything
            assert one.study in everything
            assert one.procedure in everything
        assert "Muster^Anna" in everything
        assert "王^小明" in everything
        assert found(await asked(door, "0010,0020=4711"), first, second) == [first]
        assert found(await asked(door, "0010,0010=must*"), first, second) == [first]
        assert found(await asked(door, "(0040,0100)[0].Modality=US"), first, second) == [second]
        station = "(0040,0100)[0].ScheduledStationAETitle=CT1"
        assert found(await asked(door, station), first, second) == [first]
        day = "(0040,0100)[0].ScheduledProcedureStepStartDate=20200101-20201231"
        assert found(await asked(door, day), first, second) == []
    rows = await controller.store.read(
        "SELECT DISTINCT actor, patient FROM audit WHERE action = 'imaging-worklist'"
    )
    assert {tuple(row) for row in rows} == {("ae:CT1", "4711"), ("ae:CT1", "4712")}


async def test_who_may_only_search_images_gets_no_worklist(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path), modality(controller, tmp_path) as door:
        order = await placed(controller, "bed-1", "4711")
        assert order.accession not in await asked(door, title="WS1", status=1)
        assert order.accession in await asked(door)


async def arrived(
    controller: RunningController, archive: BesideController, folder: Path, *files: bytes
) -> int:
    """Store them, and tell of them as the service does every second."""
    await archive.put(*files)
    asking = Asking(folder / "desk.sock", controller.clock)
    try:
        return await tell_next(archive.archive, asking)
    finally:
        await asking.close()


async def test_images_complete_their_order_once_and_register_its_report(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive:
        order = await placed(controller, "bed-1", "4711")
        study: dict[str, Any] = {"StudyInstanceUID": order.study, "AccessionNumber": order.accession}
        assert await arrived(controller, archive, tmp_path, dicom.ct("4711", **study)) == 1
        assert await arrived(controller, archive, tmp_path, dicom.ct("4711", **study)) == 0
        parts = controller.app[CONTEXT].radiology
        done = await parts.orders.find(order.accession, WHOLE)
        assert (done.state, done.revision, done.changed_by) == (OrderState.COMPLETED, 2, "controller")
        assert done.arrived_ms is not None
        assert [one.written.state for one in await parts.reports.versions(done)] == [ReportState.REGISTERED]
        assert await parts.orders.active() == []
        assert await doubts(archive.archive) == []


async def test_a_modality_that_makes_its_own_study_uid_is_known_by_the_accession_number(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive:
        order = await placed(controller, "bed-1", "4711")
        await arrived(controller, archive, tmp_path, dicom.ct("4711", AccessionNumber=order.accession))
        done = await controller.app[CONTEXT].radiology.orders.find(order.accession, WHOLE)
        assert done.state is OrderState.COMPLETED


async def test_a_study_with_the_accession_number_of_another_patients_order_is_held(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive:
        order = await placed(controller, "bed-1", "4711")
        wrong = dicom.ct("4712", "Wang^Xiaoming", AccessionNumber=order.accession)
        await arrived(controller, archive, tmp_path, wrong)
        [doubt] = await doubts(archive.archive)
        assert (doubt.reason, doubt.patient_id, doubt.expected) == (
            "order-of-another",
            "4712",
            "Muster, Anna",
        )
        still = await controller.app[CONTEXT].radiology.orders.find(order.accession, WHOLE)
        assert (still.state, still.arrived_ms) == (OrderState.ACTIVE, None)
        await confirm(archive.archive, doubt.study, "radiology")
        assert await arrived(controller, archive, tmp_path) == 0


async def test_once_such_a_study_is_given_to_the_right_patient_its_order_is_done(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive:
        order = await placed(controller, "bed-1", "4711")
        wrong = dicom.ct("4712", "Wang^Xiaoming", AccessionNumber=order.accession)
        await arrived(controller, archive, tmp_path, wrong)
        [doubt] = await doubts(archive.archive)
        whose = Subject("4711", "Muster^Anna", "", "")
        await move(archive.archive, doubt.study, whose, "radiology", "wrong wristband")
        assert await arrived(controller, archive, tmp_path) == 1
        done = await controller.app[CONTEXT].radiology.orders.find(order.accession, WHOLE)
        assert done.state is OrderState.COMPLETED


async def test_an_order_that_was_revoked_stays_so_though_its_images_come(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive:
        order = await placed(controller, "bed-1", "4711")
        set_back = "UPDATE imaging_order SET state = 'revoked'"
        await controller.store.write(lambda db: db.execute(set_back))
        await arrived(controller, archive, tmp_path, dicom.ct("4711", AccessionNumber=order.accession))
        held = await controller.app[CONTEXT].radiology.orders.find(order.accession, WHOLE)
        assert held.state is OrderState.REVOKED
        assert held.arrived_ms is not None


async def test_while_the_controller_does_not_answer_it_is_kept_that_it_has_to_be_told(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path) as archive:
        order = await placed(controller, "bed-1", "4711")
        await archive.put(dicom.ct("4711", AccessionNumber=order.accession))
        nobody = Asking(tmp_path / "nobody.sock", controller.clock)
        with pytest.raises(Exception, match="does not answer"):
            await tell_next(archive.archive, nobody)
        assert await arrived(controller, archive, tmp_path) == 1


def found(text: str, *orders: ImagingOrder) -> Sequence[ImagingOrder]:
    """Those that are named in it."""
    return [one for one in orders if one.accession in text]

"""The simulated laboratory and the codec, in memory: every result arrives, and none twice."""

from devices.codecs.hl7.laboratory import LaboratoryOru
from devices.model.observation import DeviceEvent, EventKind, Instant, later
from hil.sims.models.hl7_laboratory import SIMULATORS, Laboratory
from hil.sims.patient import Patient


def results(sim: Laboratory, seconds: int, *, journal: bool = True) -> list[dict[str, str | int]]:
    codec, found = LaboratoryOru(), []
    for second in range(seconds):
        now = later(Instant(0), second)
        data = b"".join(one.payload for one in sim.tick(second))
        said = codec.receive_data(data, now)
        found += [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.LAB_RESULT]
        if journal and codec.awaits_journal():
            codec.journalled(now)
        sim.heard(codec.data_to_send(), second)
    return [dict(one.detail) for one in found]


def test_the_profile_has_its_simulator() -> None:
    assert set(SIMULATORS) == {"hl7-oru-laboratory"}


def test_each_specimen_s_results_arrive_once() -> None:
    found = results(Laboratory(Patient(3)), 40)
    assert [one["loinc"] for one in found] == ["6690-2", "718-7", "2345-7"] * 3
    assert [one["specimen"] for one in found[::3]] == ["SIM000001", "SIM000002", "SIM000003"]
    assert {one["status"] for one in found} == {"F"}


def test_without_a_specimen_there_are_no_values() -> None:
    sim = Laboratory(Patient(3))
    sim.on_patient = False
    assert {(one["value"], one["status"]) for one in results(sim, 5)} == {("", "X")}


def test_what_is_not_on_disk_is_not_acknowledged_and_so_sent_again_and_taken_once() -> None:
    sim = Laboratory(Patient(3))
    assert [one["specimen"] for one in results(sim, 25, journal=False)] == ["SIM000001"] * 3
    assert [one["specimen"] for one in results(sim, 60)][-1] == "SIM000002"

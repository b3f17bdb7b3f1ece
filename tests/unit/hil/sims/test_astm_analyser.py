"""The simulated ASTM analyser and the codec, in memory: what it sends is told, once it is acknowledged."""

import pytest

from devices.codecs import Said
from devices.codecs.astm.analyser import AstmAnalyser
from devices.model.observation import DeviceEvent, EventKind, Instant, later
from hil.sims.models.astm_analyser import SIMULATORS
from hil.sims.models.astm_analyser import AstmAnalyser as Simulated
from hil.sims.patient import Patient

STEP_S = 0.25


class Talk:
    """Both ends of a line; the journal is as slow as `journal_s`."""

    def __init__(self, sim: Simulated, journal_s: float = 0.0) -> None:
        self.sim, self.codec = sim, AstmAnalyser()
        self._journal_s = journal_s
        self._written_s: float | None = None
        self.said: list[Said] = []
        self.sent = b""

    def run(self, seconds: float, deaf: bool = False) -> None:
        for step in range(int(seconds / STEP_S)):
            time_s = step * STEP_S
            heard = self.sim.heard(b"" if deaf else self.codec.data_to_send(), time_s)
            due = self.sim.tick(time_s) if step % 4 == 0 else []
            data = b"".join(one.payload for one in [*heard, *due])
            self.sent += data
            self.said += self.codec.receive_data(data, later(Instant(0), time_s))
            self._write(time_s)

    def _write(self, time_s: float) -> None:
        if not self.codec.awaits_journal():
            self._written_s = None
        elif self._written_s is None:
            self._written_s = time_s + self._journal_s
        if self._written_s is not None and time_s >= self._written_s:
            self.codec.journalled(later(Instant(0), time_s))
            self._written_s = None

    @property
    def results(self) -> list[dict[str, str | int]]:
        events = [one for one in self.said if isinstance(one, DeviceEvent)]
        return [dict(one.detail) for one in events if one.kind == EventKind.LAB_RESULT]


@pytest.fixture
def sim() -> Simulated:
    return Simulated(Patient(3))


def test_every_profile_of_the_family_has_its_simulator() -> None:
    assert set(SIMULATORS) == {"astm-analyser-serial", "astm-analyser-tcp"}


def test_a_specimen_s_results_arrive_with_their_loinc_codes(sim: Simulated) -> None:
    talk = Talk(sim)
    talk.run(10)
    assert [(one["code"], one["loinc"]) for one in talk.results] == [
        ("WBC", "6690-2"),
        ("RBC", "789-8"),
        ("HGB", "718-7"),
    ]
    assert {(one["specimen"], one["patient"], one["status"]) for one in talk.results} == {
        ("SIM000001", "PAT0001", "F")
    }
    assert talk.sent.startswith(b"\x05\x021H")
    assert talk.sent.endswith(b"\x04")


def test_specimen_follows_specimen(sim: Simulated) -> None:
    talk = Talk(sim)
    talk.run(70)
    assert [one["specimen"] for one in talk.results[::3]] == [f"SIM00000{n}" for n in (1, 2, 3, 4)]
    assert [one["code"] for one in talk.results] == ["WBC", "RBC", "HGB"] * 4


def test_without_a_specimen_there_are_no_values(sim: Simulated) -> None:
    sim.on_patient = False
    talk = Talk(sim)
    talk.run(10)
    assert {(one["value"], one["status"]) for one in talk.results} == {("-----", "X")}


def test_a_slow_journal_makes_the_analyser_wait_and_costs_nothing(sim: Simulated) -> None:
    talk = Talk(sim, journal_s=3.0)
    talk.run(30)
    assert [one["code"] for one in talk.results] == ["WBC", "RBC", "HGB"]


def test_a_journal_slower_than_the_analyser_s_patience_loses_nothing_and_tells_nothing_twice(
    sim: Simulated,
) -> None:
    talk = Talk(sim, journal_s=17.0)
    talk.run(125)
    assert talk.sent.count(b"\x05") == 5
    assert [one["code"] for one in talk.results] == ["WBC", "RBC", "HGB"]


def test_an_analyser_that_nobody_hears_gives_up_and_tries_again(sim: Simulated) -> None:
    talk = Talk(sim)
    talk.run(60, deaf=True)
    assert talk.sent == b"\x05\x04" * 2 + b"\x05"

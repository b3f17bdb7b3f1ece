"""The simulated Modbus units and their reader: every value arrives, and the oxygen is used up."""

from devices.capture import codecs_of
from devices.codecs import Said
from devices.codecs.modbus.frames import HOLDING, Question
from devices.model.observation import Instant, Reading
from devices.profiles import profile
from hil.sims.models.vehicle_oxygen import Units
from hil.sims.patient import Patient
from hil.sims.simulated import Measured

PROFILE = profile("modbus-oxygen-suction")


def conversation(sim: Units, seconds: int, from_s: int = 0) -> tuple[list[Said], list[Measured]]:
    codec = codecs_of(PROFILE.link)[None]
    said: list[Said] = []
    sent: list[Measured] = []
    for step in range(seconds * 50):
        now = Instant(from_s * 1_000_000_000 + step * 20_000_000)
        if (due := codec.next_timer()) is not None and due <= now:
            said += codec.handle_timer(now)
        for one in sim.heard(codec.data_to_send(), now / 1e9):
            sent.append(one)
            said += codec.receive_data(one.payload, now)
    return said, sent


def heard(said: list[Said], metric: str) -> list[float | None]:
    found = [one for one in said if isinstance(one, Reading) and one.metric == metric]
    return [None if one.value is None else float(one.value) for one in found]


def test_every_value_arrives_once_a_second_as_it_was_sent() -> None:
    said, sent = conversation(Units(Patient(3)), 20)
    assert all(isinstance(one, Reading) for one in said)
    for metric in PROFILE.metrics:
        assert heard(said, metric) == [one.values[metric] for one in sent if metric in one.values]
        assert len(heard(said, metric)) >= 18
        assert None not in heard(said, metric)


def test_the_oxygen_is_used_up_slowly() -> None:
    sim = Units(Patient(3))
    before, after = (heard(conversation(sim, 2, at)[0], "o2_cylinder_pressure")[0] for at in (0, 6000))
    assert before is not None
    assert after is not None
    assert 10 < before - after < 60


def test_an_overloaded_transmitter_has_no_value() -> None:
    sim = Units(Patient(3))
    sim.on_patient = False
    said, _ = conversation(sim, 3)
    assert set(heard(said, "o2_cylinder_pressure")) == set(heard(said, "suction_pressure")) == {None}
    assert set(heard(said, "o2_flow")) == {0.0}


def test_a_unit_refuses_a_register_that_it_has_not_and_ignores_what_is_not_for_it() -> None:
    sim = Units(Patient(3))
    question = Question(1, HOLDING, 0x0100, 1)
    assert [one.payload for one in sim.heard(question.encode(), 0.0)] == [question.exception(2)]
    assert sim.heard(Question(9, HOLDING, 4, 1).encode(), 0.0) == []
    assert sim.heard(b"\x01\x06\x00\x00\x00\x02\x08\x0b", 0.0) == sim.tick(0.0) == []

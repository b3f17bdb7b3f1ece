"""The simulated bus and its codec: every value of the profile arrives as it was sent."""

from devices.codecs import Said
from devices.codecs.j1939.codec import SlcanJ1939
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import profile
from hil.sims.models.vehicle_network import Bus
from hil.sims.patient import Patient
from hil.sims.simulated import Measured


def conversation(sim: Bus, seconds: int) -> tuple[list[Said], list[Measured]]:
    codec = SlcanJ1939()
    said: list[Said] = []
    sent: list[Measured] = []
    for tenth in range(seconds * 10):
        now = Instant(tenth * 100_000_000)
        if (due := codec.next_timer()) is not None and due <= now:
            said += codec.handle_timer(now)
        for one in sim.heard(codec.data_to_send(), tenth / 10) + sim.tick(tenth / 10):
            sent.append(one)
            said += codec.receive_data(one.payload, now)
    return said, sent


def heard(said: list[Said], metric: str) -> list[float | None]:
    found = [one for one in said if isinstance(one, Reading) and one.metric == metric]
    return [None if one.value is None else float(one.value) for one in found]


def test_every_value_of_the_profile_arrives() -> None:
    said, sent = conversation(Bus(Patient(3)), 12)
    for metric in profile("slcan-j1939").metrics:
        meant = [one.values[metric] for one in sent if metric in one.values]
        told = heard(said, metric)
        assert set(told) <= set(meant)
        assert len(told) >= (40 if metric.endswith("speed") else 9)
        assert None not in told


def test_the_vehicle_says_who_it_is_and_what_troubles_it() -> None:
    said, _ = conversation(Bus(Patient(3)), 5)
    events = [one for one in said if isinstance(one, DeviceEvent)]
    identity = {
        key: value for one in events if one.kind is EventKind.IDENTITY for key, value in one.detail.items()
    }
    assert identity == {"adapter": "1013", "adapter-serial": "A123", "vin": "WDB9061331N000001"}
    assert [one.detail["code"] for one in events if one.kind is EventKind.DEVICE_ALARM] == [
        "SPN 91 FMI 3 SA 0"
    ]
    assert {one.kind for one in events} == {EventKind.IDENTITY, EventKind.DEVICE_ALARM, EventKind.STATUS}


def test_units_without_values_say_so() -> None:
    sim = Bus(Patient(3))
    sim.on_patient = False
    said, _ = conversation(sim, 5)
    assert set(heard(said, "engine_speed")) == set(heard(said, "fuel_level")) == {None}


def test_a_closed_adapter_says_nothing_and_refuses_what_it_does_not_know() -> None:
    sim = Bus(Patient(3))
    assert sim.tick(0.0) == []
    assert [one.payload for one in sim.heard(b"C\rT12ABCDEF0\rL\rL\r", 0.0)] == [
        b"\x07",
        b"\x07",
        b"\r",
        b"\x07",
    ]

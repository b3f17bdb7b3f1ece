"""Devices on a patient whose dials are turned say what follows, in their own bytes; their codecs prove it."""

from decimal import Decimal
from pathlib import Path

import pytest

from devices.model.observation import Reading
from devices.profiles import profile
from hil.sims.dialled import patient_at
from hil.sims.dials import STANDSTILL, BedDials, DialFile, Dials, Faults
from hil.sims.emitted import Emitted
from hil.sims.loopback import converse
from hil.sims.models.blood_pressure import Monitor
from hil.sims.models.polar import EcgStrap
from hil.sims.nonin import NoninSim
from hil.sims.rhythms import Rhythm, save
from hil.sims.simulated import simulators
from hil.sims.wire import Life, SerialDevice
from hil.ward import Folder, WardDevice

NOW_S = 1000.0


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def device(model: str) -> WardDevice:
    return WardDevice("d-1", model, "bed-1", 3)


def turn(folder: Folder, dials: Dials) -> None:
    DialFile(folder.dials("bed-1")).write(BedDials(patient=dials, heart_s=NOW_S - 60))


def read(folder: Folder, model: str, seconds: float = 5.0) -> dict[str, Decimal | None]:
    """The last reading of each metric, as the codec of `model` has it."""
    sim = simulators()[model](patient_at(folder, device(model)))
    said = converse(profile(model).link, sim, seconds).said
    return {one.metric: one.value for one in said if isinstance(one, Reading)}


@pytest.mark.parametrize(
    ("model", "dials", "expected"),
    [
        ("polar-h10", Dials(heart_rate=133), {"hr": 133}),
        ("and-ut-201ble", Dials(temperature=39.6), {"temp_body": Decimal("39.6")}),
        ("masimo-radical7", Dials(spo2=78, respiration=3), {"spo2": 78, "rr_acoustic": 3}),
        ("nonin-xpod", Dials(spo2=71, heart_rate=155), {"spo2": 71, "pr_spo2": 155}),
        (
            "philips-intellivue-rs232",
            Dials(heart_rate=44, spo2=66, respiration=40, temperature=33.3, systolic=200, diastolic=110),
            {"hr": 44, "spo2": 66, "rr": 40, "temp_core": Decimal("33.3"), "abp_sys": 200, "abp_dia": 110},
        ),
    ],
)
def test_each_device_says_what_its_patients_dials_say(
    folder: Folder, model: str, dials: Dials, expected: dict[str, Decimal]
) -> None:
    turn(folder, dials)
    found = read(folder, model)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("model", ["masimo-radical7", "nonin-3230"])
def test_without_a_pulse_an_oximeter_has_no_numbers(folder: Folder, model: str) -> None:
    assert read(folder, model)["spo2"] is not None
    turn(folder, Dials(rhythm=STANDSTILL))
    found = read(folder, model)
    assert (found["spo2"], found["pr_spo2"]) == (None, None)


def test_the_demos_oximeter_says_that_it_lost_track_without_a_pulse(folder: Folder) -> None:
    turn(folder, Dials(rhythm=STANDSTILL))
    ward_device = device("nonin-xpod")
    packet = NoninSim(ward_device, folder, patient_at(folder, ward_device)).packet(NOW_S)
    assert (packet.rate, packet.spo2, packet.status.name) == (None, None, "OUT_OF_TRACK")
    assert len(set(packet.pleth)) == 1


def test_a_monitor_goes_on_with_what_needs_no_pulse(folder: Folder) -> None:
    turn(folder, Dials(rhythm=STANDSTILL))
    found = read(folder, "philips-intellivue-rs232")
    assert found["rr"] == 15
    assert "spo2" not in found
    assert "abp_sys" not in found


def test_a_strap_streams_the_recorded_ecg(folder: Folder) -> None:
    recorded = Rhythm("square", "made for this test", 2.0, 2.0, (0, 1000, 1000, 0), (0.5,))
    save(folder.rhythms, recorded)
    turn(folder, Dials(rhythm="square"))
    samples = EcgStrap(patient_at(folder, device("polar-h10-ecg"))).microvolts(NOW_S + 0.9)
    assert samples[-1] == pytest.approx(1000, abs=1)


def test_a_cuff_that_leaks_measures_nothing(folder: Folder) -> None:
    cuff = Monitor(patient_at(folder, device("and-ua-651ble")))
    values = [one.measured.values for _ in range(20) for one in cuff.step(NOW_S)]
    assert values[0]["nibp_sys"]
    cuff.leaks = True
    values = [one.measured.values for _ in range(20) for one in cuff.step(NOW_S)]
    assert set(values[0].values()) == {None}


async def test_a_frozen_device_on_a_wire_sends_nothing_and_goes_on_afterwards(folder: Folder) -> None:
    ward_device = device("masimo-rad8")
    sim = simulators()["masimo-rad8"](patient_at(folder, ward_device))
    serial, sent = SerialDevice(ward_device, sim, folder), list[bytes]()  # type: ignore[arg-type]
    with Emitted(folder.emitted("d-1")) as emitted:
        serial._life = life = Life(sim, emitted)  # type: ignore[arg-type]
        await serial.dialled(Faults(frozen=True))
        life.turn(b"hello", lambda data: sent.append(data) is None)
        assert sent == []
        await serial.dialled(Faults())
        life.turn(b"", lambda data: sent.append(data) is None)
    assert len(sent) == 1

"""The simulated NIBP module and its codec measure a blood pressure together."""

from devices.codecs.suntech_nibp import SuntechNibp
from devices.codecs.suntech_packet import ABORT, GET_CUFF_PRESSURE, PatientKind, start
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import profile
from hil.sims.models.cuffs import SuntechModule
from hil.sims.patient import Patient
from hil.sims.simulated import Measured

STEP_S = 0.05


def talk(
    module: SuntechModule, codec: SuntechNibp, seconds: float
) -> tuple[list[Reading | DeviceEvent], list[Measured]]:
    """Both halves in memory: what the codec said, and what the module sent."""
    said: list[Reading | DeviceEvent] = []
    sent: list[Measured] = []
    for step in range(int(seconds / STEP_S)):
        time_s = 1000 + step * STEP_S
        now = Instant(round(time_s * 1e9))
        due = codec.next_timer()
        if due is not None and due <= now:
            said += [one for one in codec.handle_timer(now) if isinstance(one, Reading | DeviceEvent)]
        answers = module.heard(codec.data_to_send(), time_s)
        if step % round(module.period_s / STEP_S) == 0:
            answers += module.tick(time_s)
        for measured in answers:
            sent.append(measured)
            said += [
                one
                for one in codec.receive_data(measured.payload, now)
                if isinstance(one, Reading | DeviceEvent)
            ]
    return said, sent


def test_every_metric_of_the_profile_arrives_as_it_was_sent() -> None:
    module = SuntechModule(Patient(3))
    said, sent = talk(module, SuntechNibp(), 40)
    readings = {one.metric: one.value for one in said if isinstance(one, Reading)}
    assert set(readings) == set(profile("suntech-advantage").metrics)
    results = [one.values for one in sent if "nibp_sys" in one.values]
    assert len(results) == 1
    assert {name: readings[name] for name in results[0]} == results[0]
    assert 80 < float(readings["nibp_sys"] or 0) < 160


def test_without_an_arm_the_measurement_fails() -> None:
    module = SuntechModule(Patient(3))
    module.on_patient = False
    said, _ = talk(module, SuntechNibp(), 40)
    assert [one.value for one in said if isinstance(one, Reading) and one.metric == "nibp_sys"] == [None]
    assert EventKind.DEVICE_ALARM in [one.kind for one in said if isinstance(one, DeviceEvent)]


def test_a_measurement_is_started_by_command() -> None:
    module = SuntechModule(Patient(3))
    module.BUTTON_S = 10_000
    codec = SuntechNibp(interval_s=60)
    said, _ = talk(module, codec, 100)
    assert len([one for one in said if isinstance(one, Reading) and one.metric == "nibp_sys"]) >= 2


def test_the_module_answers_as_its_manual_says() -> None:
    module = SuntechModule(Patient(3))
    adult = start(PatientKind.ADULT)
    stream = b"\xff" + adult + adult + GET_CUFF_PRESSURE + ABORT + b"\x3a\x20\x00"
    answers = [one.payload.hex(" ") for piece in stream for one in module.heard(bytes((piece,)), 1.0)]
    assert answers == [
        "3e 04 4f 6f",
        "3e 04 42 7c",
        "3e 05 00 00 bd",
        "3e 04 41 7d",
        "3e 04 4b 73",
        "3e 04 44 7a",
    ]

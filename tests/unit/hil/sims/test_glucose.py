"""Simulated glucose meters and the product's codecs: what one end measured is what the other end says."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.codecs import Codec, Host, JournalledCodec, Said
from devices.codecs.glucose_meter import CONTEXT, MEASUREMENT, METRICS
from devices.codecs.racp import RACP
from devices.model.glucose import MG_PER_MMOL
from devices.model.observation import Instant, NoValue, Quality, Reading
from devices.profiles import BleLink, profile
from hil.sims.models._stored_records import Shelf, Stored
from hil.sims.models.glucose import SIMULATORS, Meter
from hil.sims.patient import Patient

NOW = Instant(3_600_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REPORT_ALL, ABORT = b"\x01\x01", b"\x03\x00"


def meter(**options: bool) -> Meter:
    return Meter(Patient(3), clock=lambda: LOCAL.replace(tzinfo=None), **options)


def host(memory: dict[str, int] | None = None) -> Host:
    return Host(
        lambda at: LOCAL + timedelta(microseconds=(at - NOW) / 1000), {} if memory is None else memory
    )


def linked(name: str, memory: dict[str, int] | None = None) -> dict[str, Codec]:
    link = profile(name).link
    assert isinstance(link, BleLink)
    return link.codecs(host(memory))


def read(shelf: Shelf, codecs: dict[str, Codec]) -> list[Said]:
    """What the codecs say of all that the device answers to what they ask."""
    said: list[Said] = []
    while request := codecs[RACP].data_to_send():
        for characteristic, payload, _ in shelf.answers(request):
            codec = codecs[characteristic.uuid]
            said += codec.receive_data(payload, NOW)
            if isinstance(codec, JournalledCodec) and codec.awaits_journal():
                codec.journalled(NOW)
    return said


def told(said: list[Said]) -> list[tuple[str, float | None]]:
    readings = [one for one in said if isinstance(one, Reading)]
    return [(one.metric, None if one.value is None else float(one.value)) for one in readings]


def written(records: list[Stored]) -> list[tuple[str, float | None]]:
    return [pair for record in records for pair in record.values.items()]


@pytest.mark.parametrize("name", SIMULATORS)
def test_every_record_of_every_model_is_read_as_it_was_measured(name: str) -> None:
    sim = SIMULATORS[name](Patient(5))
    assert isinstance(sim, Meter)
    sim.measure(12.0)
    said = read(sim.shelf, linked(name))
    assert told(said) == written(sim.shelf.records)
    assert set(profile(name).metrics) == set(METRICS)
    for other in (meter(), meter(molar=True)):
        said += read(other.shelf, linked(name))
    assert {one.metric for one in said if isinstance(one, Reading)} == set(METRICS)


def test_a_meter_in_mmol_says_what_it_shows_and_the_same_as_one_in_mg_to_its_resolution() -> None:
    plain, molar = meter(), meter(molar=True)
    values = [
        [value for _, value in told(read(one.shelf, linked("contour-next-one")))] for one in (plain, molar)
    ]
    for one, other in zip(*values, strict=True):
        assert other == pytest.approx(round(other, 1))
        assert one == pytest.approx(other * float(MG_PER_MMOL), abs=1.5)


def test_old_records_are_stored_and_the_control_solution_is_a_test() -> None:
    readings = [one for one in read(meter().shelf, linked("accu-chek-guide")) if isinstance(one, Reading)]
    assert all(one.quality & Quality.STORED for one in readings)
    assert [bool(one.quality & Quality.TEST_DATA) for one in readings] == [False, False, True, False]
    assert [round((NOW - one.at) / 3.6e12) for one in readings] == [12, 9, 6, 3]


def test_off_the_patient_it_finds_too_little_blood() -> None:
    sim = meter()
    sim.on_patient = False
    record = sim.measure(5.0)
    codecs = linked("accu-chek-guide")
    said = [one for uuid, payload in record.sent for one in codecs[uuid.uuid].receive_data(payload, NOW)]
    (reading,) = [one for one in said if isinstance(one, Reading)]
    assert (reading.value, reading.reason) == (None, NoValue.FAILED)
    assert list(record.values.values()) == [None]


def test_a_second_connection_brings_only_what_is_new() -> None:
    sim, memory = meter(), dict[str, int]()
    read(sim.shelf, linked("accu-chek-guide", memory))
    assert read(sim.shelf, linked("accu-chek-guide", memory)) == []
    record = sim.measure(5.0)
    assert told(read(sim.shelf, linked("accu-chek-guide", memory))) == written([record])


def test_its_clock_can_be_read() -> None:
    assert meter().shown()[:7] == bytes.fromhex("EA07 03 01 0C 00 00")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("0300", "06000301"),
        ("0301", "06000303"),
        ("0401", "05000400"),
        ("0403010200", "05000200"),
        ("0201", "06000202"),
        ("0100", "06000103"),
        ("010302", "06000105"),
        ("", "06000005"),
        ("010301FF00", "06000106"),
    ],
)
def test_its_control_point_answers_as_the_specification_says(request_: str, answer: str) -> None:
    assert [payload.hex().upper() for _, payload, _ in meter().shelf.answers(bytes.fromhex(request_))] == [
        answer
    ]


@pytest.mark.parametrize(("request_", "index"), [(b"\x01\x05", 0), (b"\x01\x06", -1)])
def test_the_first_and_the_last_record_can_be_asked_for(request_: bytes, index: int) -> None:
    shelf = meter().shelf
    sent = [payload for _, payload, _ in shelf.answers(request_)]
    assert sent[:-1] == [payload for _, payload in shelf.records[index].sent]


def test_a_service_without_filters_refuses_them() -> None:
    shelf = Shelf(by_number=False)
    assert [payload for _, payload, _ in shelf.answers(bytes.fromhex("0103010000"))] == [b"\x06\x00\x01\x04"]


def test_its_characteristics_are_those_of_the_service() -> None:
    own, _ = meter().services
    assert {MEASUREMENT, CONTEXT, RACP} < {one.uuid for one in own.characteristics}

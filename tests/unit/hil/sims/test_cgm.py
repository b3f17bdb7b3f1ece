"""The simulated glucose sensor and the product's codecs: what one end measured is what the other end says."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.codecs import Codec, Host, Said
from devices.codecs.cgm import MEASUREMENT, OPS_CONTROL
from devices.codecs.racp import RACP
from devices.model.observation import Instant, NoValue, Quality, Reading
from devices.profiles import BleLink, profile
from hil.sims.models.cgm import Cgm
from hil.sims.patient import Patient
from tests.support.captures import briefly

NOW = Instant(3_600_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def sim() -> Cgm:
    return Cgm(Patient(3), clock=lambda: LOCAL.replace(tzinfo=None))


@pytest.fixture
def codecs(sim: Cgm) -> dict[str, Codec]:
    """The codecs of a connection, which have read what can be read."""
    link = profile("bluetooth-cgm").link
    assert isinstance(link, BleLink)
    made = link.codecs(Host(lambda at: LOCAL + timedelta(microseconds=(at - NOW) / 1000)))
    (service,) = sim.services
    by_uuid = {one.uuid: one for one in service.characteristics}
    for wanted in link.characteristics:
        if wanted.read and wanted.uuid in by_uuid:
            found = by_uuid[wanted.uuid]
            made[wanted.uuid].receive_data(found.on_read() if found.on_read else found.value, NOW)
    return made


def readings(said: list[Said]) -> list[Reading]:
    return [one for one in said if isinstance(one, Reading)]


def test_every_stored_record_is_read_as_it_was_measured(sim: Cgm, codecs: dict[str, Codec]) -> None:
    request = codecs[RACP].data_to_send()
    said = [
        one for to, data, _ in sim.shelf.answers(request) for one in codecs[to.uuid].receive_data(data, NOW)
    ]
    told = [(one.metric, None if one.value is None else float(one.value)) for one in readings(said)]
    assert told == [pair for record in sim.shelf.records for pair in record.values.items()]
    assert {metric for metric, _ in told} == set(profile("bluetooth-cgm").metrics)
    ages = [round((NOW - one.at) / 6e10) for one in readings(said) if one.metric == "glucose_isf"]
    assert ages == list(range(180, 0, -5))


def test_what_it_measures_now_is_new(sim: Cgm, codecs: dict[str, Codec]) -> None:
    ((_, payload),) = sim.measure(10.0).sent
    said = readings(codecs[MEASUREMENT].receive_data(payload, NOW))
    assert [(one.at, one.quality) for one in said] == [(NOW, Quality.GOOD)] * 2


def test_off_the_patient_it_is_faulty_and_gives_no_value(sim: Cgm, codecs: dict[str, Codec]) -> None:
    sim.on_patient = False
    ((_, payload),) = sim.measure(10.0).sent
    said = codecs[MEASUREMENT].receive_data(payload, NOW)
    assert ["status", {"sensor-malfunction": 1}] in briefly(said)
    assert [one.reason for one in readings(said)] == [NoValue.NOT_AVAILABLE] * 2


def test_it_answers_how_often_it_reports(sim: Cgm, codecs: dict[str, Codec]) -> None:
    ops = codecs[OPS_CONTROL]
    assert briefly(ops.receive_data(sim.answer(ops.data_to_send()), NOW)) == [
        ["identity", {"communication-interval-min": 1}]
    ]


@pytest.mark.parametrize(
    ("request_", "answer"), [("02", "1C0203"), ("01059D21", "1C0103"), ("1A", "1C1A02"), ("", "1C03")]
)
def test_it_refuses_what_has_no_right_crc_and_what_it_does_not_know(
    sim: Cgm, request_: str, answer: str
) -> None:
    assert sim.answer(bytes.fromhex(request_))[:-2] == bytes.fromhex(answer)

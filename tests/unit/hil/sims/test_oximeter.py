"""The simulated oximeter that stores, and the product's codecs: what one end measured the other end says."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.codecs import Codec, Host, Said
from devices.codecs.pulse_oximeter import CONTINUOUS, FEATURES
from devices.codecs.racp import RACP
from devices.model.observation import Instant, NoValue, Quality, Reading
from devices.profiles import BleLink, profile
from hil.sims.models.oximeter import StoringOximeter
from hil.sims.patient import Patient
from tests.support.captures import briefly

NOW = Instant(3_600_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def sim() -> StoringOximeter:
    return StoringOximeter(Patient(4), clock=lambda: LOCAL.replace(tzinfo=None))


def codecs(memory: dict[str, int] | None = None) -> dict[str, Codec]:
    link = profile("bluetooth-pulse-oximeter").link
    assert isinstance(link, BleLink)
    local = Host(
        lambda at: LOCAL + timedelta(microseconds=(at - NOW) / 1000), {} if memory is None else memory
    )
    return link.codecs(local)


def told(said: list[Said]) -> dict[str, float | None]:
    readings = [one for one in said if isinstance(one, Reading)]
    return {one.metric: None if one.value is None else float(one.value) for one in readings}


def test_every_metric_of_the_profile_is_measured_and_read(sim: StoringOximeter) -> None:
    for second in range(5):
        measured = sim.measure(float(second))
        assert told(codecs()[CONTINUOUS].receive_data(measured.payload, NOW)) == measured.values
        assert set(measured.values) == set(profile("bluetooth-pulse-oximeter").metrics)


def test_off_the_finger_it_gives_no_values(sim: StoringOximeter) -> None:
    sim.on_patient = False
    measured = sim.measure(1.0)
    said = codecs()[CONTINUOUS].receive_data(measured.payload, NOW)
    assert briefly(said)[0] == ["status", {"sensor-disconnected": 1}]
    assert told(said) == measured.values
    assert {one.reason for one in said if isinstance(one, Reading)} == {NoValue.SENSOR_OFF}


def test_its_stored_spot_checks_are_read_with_their_instants(sim: StoringOximeter) -> None:
    linked = codecs()
    request = linked[RACP].data_to_send()
    said = [
        one for to, data, _ in sim.shelf.answers(request) for one in linked[to.uuid].receive_data(data, NOW)
    ]
    readings = [one for one in said if isinstance(one, Reading) and one.metric == "spo2"]
    assert [float(one.value or 0) for one in readings] == [one.values["spo2"] for one in sim.shelf.records]
    assert {one.quality for one in readings} == {Quality.STORED}
    assert [round((NOW - one.at) / 3.6e12) for one in readings] == [6, 4, 2]


def test_a_spot_check_of_now_is_new(sim: StoringOximeter) -> None:
    record = sim.check(3.0)
    ((characteristic, payload),) = record.sent
    said = codecs()[characteristic.uuid].receive_data(payload, NOW)
    assert told(said) == record.values
    assert {one.quality for one in said if isinstance(one, Reading)} == {Quality.GOOD}


def test_its_features_say_that_it_stores(sim: StoringOximeter) -> None:
    (service,) = sim.services
    (features,) = [one for one in service.characteristics if one.uuid == FEATURES]
    said = codecs()[FEATURES].receive_data(features.value, NOW)
    assert "storage" in briefly(said)[0][1]["features"]

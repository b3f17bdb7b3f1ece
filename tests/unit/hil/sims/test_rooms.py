"""The simulated room sensor advertises what its codec reads."""

from devices.codecs.bthome import SERVICE_DATA, BthomeCodec
from devices.codecs.gatt import uuid16
from devices.model.observation import Instant, Reading
from devices.profiles import profile
from hil.sims.models.rooms import SERVICE, RoomSensor
from hil.sims.patient import Patient
from hil.sims.simulated import RadioSim, simulators
from tests.support.captures import briefly

SECOND = 1_000_000_000


def test_every_metric_of_the_profile_arrives_as_it_was_sent() -> None:
    sensor = simulators()["bthome-sensor"](Patient(3))
    assert isinstance(sensor, RoomSensor)
    codec = BthomeCodec()
    for second in range(3):
        sent = sensor.measure(float(second))
        said = codec.receive_data(sent.payload, Instant(second * SECOND))
        readings = {one.metric: one.value for one in said if isinstance(one, Reading)}
        assert {name: float(value or 0) for name, value in readings.items()} == sent.values
        assert set(readings) == set(profile("bthome-sensor").metrics)


def test_it_advertises_a_packet_from_its_start() -> None:
    sensor = RoomSensor(Patient(3))
    assert isinstance(sensor, RadioSim)
    assert uuid16(int(SERVICE, 16)) == SERVICE_DATA
    said = BthomeCodec().receive_data(sensor.service_data[SERVICE], Instant(0))
    assert ["battery", {"percent": 87}] in briefly(said)


def test_off_its_place_it_tells_no_numbers_and_an_open_door() -> None:
    sensor = RoomSensor(Patient(3))
    sensor.on_patient = False
    said = briefly(BthomeCodec().receive_data(sensor.measure(1.0).payload, Instant(0)))
    assert said == [["status", {"door-open": 1}], ["battery", {"percent": 87}]]

"""The simulated room sensor on the virtual radio: the gateway has one reading for each of its packets."""

import json
from pathlib import Path

from devices.model.observation import Reading
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.ble import BleRadio
from gateway.links.ble_broadcast import BroadcastListener
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from hil.radio.world import World
from hil.sims.ble import BleDevice
from hil.sims.models.rooms import RoomSensor
from hil.sims.patient import Patient
from hil.ward import Folder, WardDevice
from tests.support.links import Heard, running
from tests.support.waiting import until

ADDRESS, NAME = "C0:00:00:1E:00:02", "bthome-sensor"


async def test_every_packet_that_it_advertises_is_heard_once(tmp_path: Path) -> None:
    sensor = RoomSensor(Patient(1))
    sensor.PERIOD_S = 0.4
    folder = Folder(tmp_path)
    simulated = BleDevice(WardDevice("room-1", NAME, "bed-1", 1, ADDRESS), sensor, folder)
    heard = Heard()

    def values(metric: str) -> list[float]:
        readings = [one for one in heard.said if isinstance(one, Reading) and one.metric == metric]
        return [float(one.value) for one in readings if one.value is not None]

    async with World() as world:
        await world.add(simulated.peripheral)
        async with Adapter(await world.listen("tcp-server:127.0.0.1:0")) as adapter:
            device = DeviceConfig(id="room-1", profile=NAME, address=ADDRESS)
            radio = BleRadio(*backends(adapter))
            listener = BroadcastListener(device, profile(NAME), SystemClock(), heard, radio)
            async with running(listener, simulated):
                await until(lambda: len(values("ambient_temp")) >= 4, "four packets are heard")
    lines = [json.loads(line) for line in folder.emitted("room-1").read_text().splitlines()]
    for metric in ("ambient_temp", "ambient_humidity"):
        sent = [line["value"] for line in lines if line["metric"] == metric]
        assert values(metric) == sent[: len(values(metric))]

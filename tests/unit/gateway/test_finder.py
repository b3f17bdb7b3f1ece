"""What is in reach: told when it changes, within bounds, without people's phones or the gateway's own."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.codecs.gatt import uuid16
from devices.model.found import MOST, Report, Way, read_report
from devices.model.observation import DeviceEvent, Instant
from gateway.config import DeviceConfig
from gateway.errors import Busy
from gateway.finder import QUIET_NS, REACH_NS, REPEAT_NS, Finder
from gateway.links.ble_scan import Listener
from gateway.links.serial_discovery import Port, lasting
from tests.unit.gateway.orders.made import HeldClock

HEART_RATE = uuid16(0x180D)
USB = Port("/dev/ttyUSB7", "USB adapter", (), is_usb=True)
OWN = DeviceConfig(id="hr-1", profile="polar-h10", address="c0:00:00:00:00:01")


class Clock(HeldClock):
    def __init__(self) -> None:
        super().__init__()
        self.at = 10**15

    def now(self) -> Instant:
        return Instant(self.at)


@dataclass
class Scan:
    """A scan that hears what the test says."""

    listeners: list[Listener] = field(default_factory=list)
    held: list[float] = field(default_factory=list)

    def add(self, listener: Listener) -> None:
        self.listeners.append(listener)

    async def hold(self, seconds: float) -> None:
        self.held.append(seconds)


class Box:
    """A gateway that has one strap of its own."""

    def __init__(self) -> None:
        self.clock, self.scan = Clock(), Scan()
        self.ports: list[Port] = []
        self.events: list[DeviceEvent] = []
        self.finder = Finder(self.clock, lambda: [OWN], self.events.append, lambda: self.ports)
        self.finder.hear(self)  # type: ignore[arg-type]

    def advertise(self, address: str, name: str = "", rssi: int = -60, kind: str = "public") -> None:
        details = {"path": "", "props": {"AddressType": kind}}
        said = AdvertisementData(name, {}, {}, [HEART_RATE] if name else [], None, rssi, ())
        for listener in self.scan.listeners:
            listener(BLEDevice(address, name, details), said)

    def told(self, way: Way) -> list[Report]:
        read = [read_report(one.detail) for one in self.events]
        return [one for one in read if one is not None and one.way is way]

    async def look(self, later_ns: int = 0) -> None:
        self.clock.at += later_ns
        await self.finder.look()


@pytest.fixture
def box() -> Box:
    return Box()


def where(report: Report) -> list[str]:
    return [one.where for one in report.candidates]


async def test_a_port_is_told_when_it_comes_and_when_it_goes(box: Box) -> None:
    await box.look()
    box.ports = [USB]
    for _ in range(3):
        await box.look()
    box.ports = []
    await box.look()
    assert [where(one) for one in box.told(Way.SERIAL)] == [["/dev/ttyUSB7"], []]


async def test_a_port_of_its_own_devices_and_a_computers_own_are_no_news(box: Box, tmp_path: Path) -> None:
    (tmp_path / "by-id").symlink_to("/dev/ttyUSB7")
    own = DeviceConfig(id="ox-1", profile="nonin-xpod", port=str(tmp_path / "by-id"))
    box.finder._devices = lambda: [own]
    box.ports = [USB, Port("/dev/ttyS0", "", ())]
    await box.look()
    assert box.events == []


def test_a_port_is_called_by_the_name_that_lasts(tmp_path: Path) -> None:
    port, named = tmp_path / "ttyUSB0", tmp_path / "by-id"
    port.touch()
    assert lasting(str(port), named) == str(port)
    named.mkdir()
    (named / "usb-FTDI").symlink_to(port)
    assert lasting(str(port), named) == str(named / "usb-FTDI")


async def test_in_passing_what_fits_is_told_and_others_are_only_counted(box: Box) -> None:
    box.advertise("C0:00:00:00:00:02", "Polar H10 12345678", -70)
    box.advertise("C0:00:00:00:00:03", "Polar H10 87654321", -50)
    box.advertise("12:34:56:00:00:01")
    box.advertise("C0:00:00:00:00:01", "Polar H10 is its own")
    await box.look()
    [report] = box.told(Way.BLE)
    assert where(report) == ["C0:00:00:00:00:03", "C0:00:00:00:00:02"]
    assert report.candidates[0].fits
    assert (report.others, report.seconds) == (1, 0)
    assert box.scan.held == []


async def test_an_address_that_changes_is_nobodys_business_and_a_static_one_is(box: Box) -> None:
    box.advertise("4A:00:00:00:00:01", "Polar H10 phone", kind="random")
    box.advertise("CA:00:00:00:00:01", "Polar H10 strap", kind="random")
    await box.look()
    [report] = box.told(Way.BLE)
    assert (where(report), report.others) == (["CA:00:00:00:00:01"], 1)
    assert "phone" not in str(report.detail())


async def test_what_stays_is_told_every_ten_minutes_and_what_goes_once(box: Box) -> None:
    box.advertise("C0:00:00:00:00:02", "Polar H10 1")
    await box.look()
    await box.look(REPEAT_NS - 1)
    assert len(box.told(Way.BLE)) == 1
    await box.look(1)
    assert box.told(Way.BLE)[-1].candidates[0].heard_ms == REPEAT_NS // 1_000_000
    await box.look(REACH_NS)
    await box.look(REPEAT_NS)
    assert [len(one.candidates) for one in box.told(Way.BLE)] == [1, 1, 0]


async def test_comings_and_goings_are_told_at_most_once_a_minute(box: Box) -> None:
    for number in range(5):
        box.advertise(f"C0:00:00:00:00:0{number + 2}", "Polar H10")
        await box.look(1_000_000_000)
    assert len(box.told(Way.BLE)) == 1
    await box.look(QUIET_NS)
    assert len(box.told(Way.BLE)[-1].candidates) == 5


async def test_a_crowd_is_counted_and_the_nearest_are_told(box: Box) -> None:
    for number in range(MOST + 10):
        box.advertise(f"C0:00:00:00:01:{number:02X}", "Polar H10", -40 - number)
    await box.look()
    [report] = box.told(Way.BLE)
    assert (len(report.candidates), report.others) == (MOST, 10)
    assert report.candidates[0].rssi == -40


async def test_a_search_holds_the_scan_for_its_seconds_and_tells_even_nothing(box: Box) -> None:
    await box.finder.listen(box, 8)  # type: ignore[arg-type]
    assert box.scan.held == [8]
    [report] = box.told(Way.BLE)
    assert (report.candidates, report.seconds) == ((), 8)


async def test_two_searches_at_once_are_refused(box: Box) -> None:
    box.finder._is_listening = True
    with pytest.raises(Busy, match="looking already"):
        await box.finder.listen(box, 8)  # type: ignore[arg-type]


async def test_what_is_forgotten_is_news_when_it_is_heard_again(box: Box) -> None:
    box.advertise("C0:00:00:00:00:02", "Polar H10")
    box.finder.forget("C0:00:00:00:00:02")
    await box.look()
    assert box.events == []
    box.advertise("C0:00:00:00:00:02", "Polar H10")
    await box.look()
    assert len(box.told(Way.BLE)) == 1

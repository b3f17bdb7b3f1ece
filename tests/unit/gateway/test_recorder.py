"""A recording of a live device is a capture that decodes to what the device said."""

import asyncio
from pathlib import Path

import pytest

from devices.capture import decoded
from devices.codecs import Host
from devices.codecs.heart_rate import MEASUREMENT, HeartRate
from devices.codecs.nonin_packet import Packet
from devices.model.observation import Instant, Reading
from devices.profiles import Profile, profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links import Link, Outlet
from gateway.links.serial_port import SerialLinkRunner
from gateway.recorder import Recorder, Tap, record
from hil.sims.pty import Pty
from tests.support.waiting import until

PACKET = Packet(61, 97, tuple(range(25))).encode()


async def test_a_serial_device_is_recorded_as_it_speaks(tmp_path: Path) -> None:
    shown: list[str] = []
    xpod, clock = profile("nonin-xpod"), SystemClock()

    def link(tapped: Profile, outlet: Outlet) -> Link:
        device = DeviceConfig(id="recorded", profile="nonin-xpod", port=str(tmp_path / "ox"))
        return SerialLinkRunner(device, tapped, clock, outlet)

    with Pty(tmp_path / "ox") as port:
        path = tmp_path / "capture.txt"
        task = asyncio.create_task(
            record(xpod, path, clock, link, lambda said: shown.append(type(said).__name__))
        )
        await until(lambda: port.is_open, "it listens")
        port.write(PACKET)
        await until(lambda: shown.count("Reading") == 2, "both numbers are shown")
        assert port.read().startswith(b"\x02\x70")
        task.cancel()
        await asyncio.wait({task})
    said = list(decoded(xpod, path.read_bytes()))
    assert [str(one.value) for one in said if isinstance(one, Reading)] == ["61", "97"]
    assert path.read_text().startswith("# nonin-xpod, recorded at UTC microseconds 1")


def test_each_characteristic_of_a_ble_device_is_written_with_its_name(tmp_path: Path) -> None:
    polar = profile("polar-h10")
    with (tmp_path / "capture.txt").open("w") as file:
        recorder = Recorder(file, print, Instant(1_000_000_000), Host())
        tapped = recorder.tapped(polar).link.codecs(Host())  # type: ignore[union-attr]
        said = tapped[MEASUREMENT].receive_data(HeartRate(62).encode(), Instant(1_500_000_000))
    assert [str(one.value) for one in said if isinstance(one, Reading)] == ["62"]
    assert (tmp_path / "capture.txt").read_text() == "0.500000 2a37 003e\n"
    decoded_again = decoded(polar, (tmp_path / "capture.txt").read_bytes())
    assert [str(one.value) for one in decoded_again if isinstance(one, Reading)] == ["62"]


class Owing:
    """A codec whose acknowledgement waits for the journal."""

    def __init__(self) -> None:
        self.kept = False

    def awaits_journal(self) -> bool:
        return not self.kept

    def journalled(self, now: Instant) -> None:
        self.kept = True

    def receive_data(self, data: bytes, now: Instant) -> list[Reading]:
        return []

    def data_to_send(self) -> bytes:
        return b"ack" if self.kept else b""

    def next_timer(self) -> Instant | None:
        return Instant(7)

    def handle_timer(self, now: Instant) -> list[Reading]:
        return []


def test_what_a_codec_owes_and_waits_for_passes_through_the_tap() -> None:
    inner = Owing()
    tap = Tap(inner, lambda at, data: None)
    assert (tap.awaits_journal(), tap.data_to_send(), tap.next_timer()) == (True, b"", Instant(7))
    tap.journalled(Instant(0))
    assert (tap.awaits_journal(), tap.data_to_send(), tap.handle_timer(Instant(7))) == (False, b"ack", [])


async def test_the_file_is_on_disk_before_anything_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("gateway.recorder.os.fsync", synced.append)
    with (tmp_path / "capture.txt").open("w") as file:
        recorder = Recorder(file, print, Instant(0), Host())
        await recorder.kept()
        assert synced == [file.fileno()]

"""The serial link on real PTYs: an oximeter speaks, falls silent, vanishes, comes back."""

import errno
import fcntl
import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.codecs.nonin_packet import SELECT_FORMAT_2, Packet
from devices.model.observation import EventKind, Waveform
from devices.profiles import SerialLink, profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.backoff import Backoff
from gateway.links.serial_port import SerialLinkRunner
from hil.sims.pty import Pty
from tests.support.links import Heard, running
from tests.support.waiting import until

XPOD = profile("nonin-xpod")
QUIET_S = 0.3


def packet(rate: int) -> bytes:
    return Packet(rate=rate, spo2=97, pleth=tuple(range(25))).encode()


def link(
    path: Path, heard: Heard, silence_s: float = 30.0, backoff: Backoff | None = None
) -> SerialLinkRunner:
    assert isinstance(XPOD.link, SerialLink)
    model = replace(XPOD, link=replace(XPOD.link, silence_s=silence_s))
    device = DeviceConfig(id="ox-1", profile="nonin-xpod", port=str(path))
    return SerialLinkRunner(device, model, SystemClock(), heard, backoff=backoff or Backoff(0.02, 0.1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ox-1"


@pytest.fixture
def port(path: Path) -> Iterator[Pty]:
    with Pty(path) as made:
        yield made


async def speak(port: Pty, heard: Heard, rate: int) -> None:
    """Send packets until one has become a reading: the first may come before the port is open."""

    def said() -> bool:
        port.write(packet(rate))
        return rate in heard.values("pr_spo2")

    await until(said, f"a rate of {rate} is heard")


async def test_bytes_become_readings_and_a_waveform(port: Pty, path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        await speak(port, heard, 72)
    assert heard.presence == ["connected"]
    assert heard.values("spo2")[0] == 97
    assert any(isinstance(one, Waveform) and one.metric == "pleth" for one in heard.said)


async def test_an_open_port_alone_is_no_connected_device(port: Pty, path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        await until(lambda: port.is_open, "the port is open")
        assert heard.presence == []


async def test_the_greeting_selects_the_format(port: Pty, path: Path) -> None:
    async with running(link(path, Heard())):
        await until(lambda: port.read() == SELECT_FORMAT_2, "the greeting comes")


async def test_the_port_is_set_as_the_profile_says(port: Pty, path: Path) -> None:
    async with running(link(path, Heard())):
        await until(lambda: port.is_open, "the port is open")
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        try:
            flags, speed = termios.tcgetattr(fd)[2], termios.tcgetattr(fd)[4]
        finally:
            os.close(fd)
    assert speed == termios.B9600
    assert flags & termios.CSIZE == termios.CS8
    assert not flags & (termios.PARENB | termios.CSTOPB)


async def test_silence_is_said_once_and_the_device_is_greeted_again(port: Pty, path: Path) -> None:
    heard, greetings = Heard(), []

    def greeted_often() -> bool:
        greetings.append(port.read())
        return b"".join(greetings).count(SELECT_FORMAT_2) >= 3

    async with running(link(path, heard, silence_s=QUIET_S)):
        await until(greeted_often, "it is greeted three times")
    assert heard.presence == ["silent"]
    assert f"no byte for {QUIET_S} s" in heard.message("silent")


async def test_a_silent_device_that_speaks_again_is_connected_again(port: Pty, path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard, silence_s=QUIET_S)):
        await speak(port, heard, 72)
        await heard.until_presence("silent")
        await speak(port, heard, 80)
    assert heard.presence[:3] == ["connected", "silent", "connected"]


async def test_a_slow_device_is_read_byte_by_byte(port: Pty, path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        await speak(port, heard, 72)
        for byte in packet(66) + packet(66):
            await until(lambda one=bytes([byte]): port.write(one), "the byte is taken")
        await until(lambda: 66 in heard.values("pr_spo2"), "the packet is complete")


async def test_garbage_is_counted_and_the_next_packet_read(port: Pty, path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        await speak(port, heard, 72)
        assert port.write(bytes(range(2, 255)))
        await speak(port, heard, 81)
        await until(lambda: heard.events(EventKind.BAD_BYTES), "the garbage is reported")
    assert set(heard.values("pr_spo2")) <= {72, 81}


async def test_a_port_that_vanishes_is_opened_again_when_it_is_back(path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        with Pty(path) as first:
            await speak(first, heard, 72)
        await heard.until_presence("port-missing")
        with Pty(path) as second:
            await speak(second, heard, 80)
    assert heard.presence[:4] == ["connected", "port-vanished", "port-missing", "connected"]
    assert str(path) in heard.message("port-vanished")


async def test_no_half_packet_survives_a_reconnection(path: Path) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        with Pty(path) as first:
            await speak(first, heard, 72)
            assert first.write(packet(150)[:62])
        await heard.until_presence("port-missing")
        with Pty(path) as second:
            await until(lambda: second.is_open, "the port is open")
            assert second.write(packet(150)[62:])
            await speak(second, heard, 80)
    assert 150 not in heard.values("pr_spo2")


class Counted(Backoff):
    """Counts the failures."""

    failures = 0

    def failed(self) -> float:
        self.failures += 1
        return super().failed()


async def test_a_wrong_path_is_said_once_with_the_remedy(path: Path) -> None:
    heard, tries = Heard(), Counted(0.02, 0.1)
    async with running(link(path, heard, backoff=tries)):
        await until(lambda: tries.failures >= 4, "it was tried four times")
    assert heard.presence == ["port-missing"]
    assert "`port` in the configuration" in heard.message("port-missing")


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Rights count for root, too."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    yield
    os.seteuid(user)


async def test_a_port_without_rights_is_refused_with_the_remedy(unprivileged: None) -> None:
    heard = Heard()
    forbidden = Path("/proc/1/mem")
    assert not os.access(forbidden, os.W_OK, effective_ids=True)
    async with running(link(forbidden, heard)):
        await heard.until_presence("permission-denied")
    assert "dialout" in heard.message("permission-denied")


async def test_a_file_that_is_no_serial_port_is_refused() -> None:
    heard = Heard()
    async with running(link(Path(__file__), heard)):
        await heard.until_presence("port-unusable")
    assert "expected a serial port" in heard.message("port-unusable")


LOCK = "import fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); "
LOCK += "fcntl.flock(fd, fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()"


@pytest.fixture
def owner(port: Pty, path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that has locked the port, until its input ends."""
    command = [sys.executable, "-c", LOCK, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.kill()


async def test_a_port_that_another_process_has_is_taken_when_it_is_free(
    owner: "subprocess.Popen[bytes]", port: Pty, path: Path
) -> None:
    heard = Heard()
    async with running(link(path, heard)):
        await heard.until_presence("port-busy")
        assert "another program" in heard.message("port-busy")
        assert owner.stdin
        owner.stdin.close()
        await speak(port, heard, 72)


async def test_an_open_port_is_locked_against_others(port: Pty, path: Path) -> None:
    async with running(link(path, Heard())):
        await until(lambda: port.is_open, "the port is open")
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        with pytest.raises(OSError) as refused:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(fd)
    assert refused.value.errno == errno.EAGAIN


async def test_a_cancelled_link_leaves_the_port_closed(port: Pty, path: Path) -> None:
    async with running(link(path, Heard())):
        await until(lambda: port.is_open, "the port is open")
    assert not port.is_open


async def test_one_dead_port_disturbs_no_other(tmp_path: Path) -> None:
    dead, live = Heard(), Heard()
    with Pty(tmp_path / "live") as port:
        async with running(link(tmp_path / "dead", dead), link(tmp_path / "live", live)):
            with Pty(tmp_path / "dead") as doomed:
                await speak(doomed, dead, 72)
                await speak(port, live, 60)
            await dead.until_presence("port-missing")
            await speak(port, live, 61)
    assert live.presence == ["connected"]


async def test_a_pseudo_terminal_is_opened_again_although_it_knows_no_parity(path: Path) -> None:
    assert isinstance(XPOD.link, SerialLink)
    even = replace(XPOD, link=replace(XPOD.link, parity="E", bytesize=7, silence_s=30.0))
    device = DeviceConfig(id="ox-1", profile="nonin-xpod", port=str(path))
    with Pty(path) as port:
        for turn in (1, 2, 3):
            heard = Heard()
            async with running(SerialLinkRunner(device, even, SystemClock(), heard)):
                await until(lambda: port.is_open, "it is open")
                port.write(packet(60 + turn))
                await until(lambda heard=heard: heard.values("pr_spo2"), "the packet")
            assert heard.values("pr_spo2") == [60 + turn]

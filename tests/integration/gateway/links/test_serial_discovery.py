"""A serial port of which nobody knows what hangs on it: each profile asks, and the right one is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.codecs.nonin_packet import Packet
from gateway.clock import SystemClock
from gateway.errors import LinkError
from gateway.links.serial_discovery import ports, probe
from hil.sims.pty import Pty

PACKET = Packet(61, 97, tuple(range(25))).encode()


@asynccontextmanager
async def speaking(path: Path, data: bytes) -> AsyncIterator[None]:
    """A device that says `data` again and again."""

    async def speak(port: Pty) -> None:
        while True:
            port.read()
            port.write(data)
            await asyncio.sleep(0.02)

    with Pty(path) as port:
        speaker = asyncio.create_task(speak(port))
        try:
            yield
        finally:
            speaker.cancel()


async def test_the_profile_that_is_answered_is_found(tmp_path: Path) -> None:
    async with speaking(tmp_path / "port", PACKET):
        fitting = await probe(str(tmp_path / "port"), SystemClock(), 0.3)
    assert "nonin-xpod" in fitting


async def test_noise_fits_no_profile(tmp_path: Path) -> None:
    async with speaking(tmp_path / "port", bytes(range(200, 256))):
        assert await probe(str(tmp_path / "port"), SystemClock(), 0.1) == []


async def test_a_port_that_is_missing_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(LinkError) as lost:
        await probe(str(tmp_path / "none"), SystemClock(), 0.1)
    assert lost.value.why == "port-missing"


def test_the_ports_of_this_machine_are_listed_by_path() -> None:
    found = [port.path for port in ports()]
    assert found == sorted(found)

"""`python -m controller.imaging.dimse`: as the controller starts and ends it."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from controller.imaging.dimse.settings import DimseSettings, May, Peer
from tests.support.dimse import free_port, identity, run, tls_of

CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset({May.STORE}))


@asynccontextmanager
async def started(settings: DimseSettings) -> AsyncIterator[asyncio.subprocess.Process]:
    told = settings.folder.parent / "dimse.json"
    told.write_text(settings.model_dump_json())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "controller.imaging.dimse", str(told)), stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(30):
            while b"listens at" not in (line := await process.stderr.readline()):
                assert line, "it ended"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_serves_and_ends_when_told_whoever_is_connected(tmp_path: Path) -> None:
    settings = DimseSettings(
        port=free_port(), peers=(CT1,), socket=tmp_path / "inside.sock", folder=tmp_path / "dimse"
    )
    async with started(settings) as process:
        said = await run("echoscu", "-aet", "CT1", "-aec", "WARDLINK", "127.0.0.1", str(settings.port))
        assert said.status == 0, said
        with socket.create_connection(("127.0.0.1", settings.port or 0)):
            await asyncio.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_a_certificate_that_cannot_be_read_leaves_the_one_before(tmp_path: Path) -> None:
    ours = identity(tmp_path, "wardlink")
    tls = tls_of(tmp_path, ours).model_copy(update={"port": free_port()})
    settings = DimseSettings(port=None, tls=tls, socket=tmp_path / "inside.sock", folder=tmp_path / "dimse")
    async with started(settings) as process:
        ours.certificate.write_text("nothing")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert b"cannot be read" in await process.stderr.readline()
        with socket.create_connection(("127.0.0.1", tls.port)):
            assert process.returncode is None


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = DimseSettings(
            port=taken.getsockname()[1], socket=tmp_path / "inside.sock", folder=tmp_path / "dimse"
        )
        told = tmp_path / "dimse.json"
        told.write_text(settings.model_dump_json())
        said = await run(sys.executable, "-m", "controller.imaging.dimse", str(told))
        assert said.status != 0
        assert "Address already in use" in said.text


@pytest.fixture(autouse=True)
def _from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[5]))

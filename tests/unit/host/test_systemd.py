"""systemd hears of a process that it serves, lives and ends, and hears nothing of one that is stuck."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from host import systemd
from host.systemd import notify, tell, watchdog_s
from tests.support.systemd import Systemd


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    heard = Systemd(tmp_path, watchdog_s=0.3)
    for name, value in heard.environment.items():
        monkeypatch.setenv(name, value)
    return heard


@asynccontextmanager
async def telling(look: Callable[[], Awaitable[str]]) -> AsyncIterator[None]:
    task = asyncio.create_task(tell(look))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_is_ready_only_when_it_serves_and_asks_for_more_time_until_then(listening: Systemd) -> None:
    wrong = ["broker: no connection"]

    async def look() -> str:
        return "".join(wrong)

    with listening:
        async with telling(look):
            said = await asyncio.to_thread(listening.hears, "STATUS=broker: no connection")
            assert said == ["EXTEND_TIMEOUT_USEC=60000000", "STATUS=broker: no connection"]
            wrong.clear()
            assert await asyncio.to_thread(listening.hears, "STATUS=serves") == [
                *("READY=1", "WATCHDOG=1", "STATUS=serves")
            ]


async def test_who_serves_no_more_but_says_so_is_not_stuck(listening: Systemd) -> None:
    wrong = [""]

    async def look() -> str:
        return wrong[0]

    with listening:
        async with telling(look):
            await asyncio.to_thread(listening.hears, "READY=1")
            wrong[0] = "disk: full\nMAINPID=1"
            said = await asyncio.to_thread(listening.hears, "STATUS=disk: full MAINPID=1")
            assert said[0] == "WATCHDOG=1"


async def test_a_look_that_does_not_come_back_is_silence(listening: Systemd) -> None:
    gate = asyncio.Event()
    gate.set()

    async def look() -> str:
        await gate.wait()
        return ""

    with listening:
        async with telling(look):
            await asyncio.to_thread(listening.hears, "WATCHDOG=1")
            gate.clear()
            assert await asyncio.to_thread(listening.is_silent)
            gate.set()
            await asyncio.to_thread(listening.hears, "WATCHDOG=1")


def test_a_blocked_event_loop_is_silence(listening: Systemd) -> None:
    gate, asked = threading.Event(), threading.Event()

    async def look() -> str:
        if asked.is_set():
            gate.wait()  # as a call would that should have been in a thread
        return ""

    async def run() -> None:
        async with telling(look):
            while not gate.is_set():  # noqa: ASYNC110 - of a thread
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    with listening:
        thread.start()
        listening.hears("READY=1")
        asked.set()
        assert listening.is_silent()
        gate.set()
        thread.join()


def test_nobody_waits_for_a_systemd_that_does_not_read(listening: Systemd) -> None:
    with listening:
        assert notify("READY=1")
        while notify("WATCHDOG=1"):
            pass
        assert not notify("WATCHDOG=1")


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.is_told()
    assert not notify("READY=1")


def test_a_socket_without_a_file_is_reached_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("")  # Linux gives it an abstract name
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + heard.getsockname()[1:].decode())
        assert notify("STOPPING=1")
        assert heard.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize(
    ("of", "seconds"),
    [("", 30.0), (str(os.getpid()), 30.0), (str(os.getppid()), 30.0), ("1234567", None)],
    ids=["nobody named", "itself", "its launcher", "another"],  # the same in every process
)
def test_it_beats_for_itself_and_for_its_launcher_and_for_nobody_else(
    monkeypatch: pytest.MonkeyPatch, of: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", of)
    assert watchdog_s() == seconds

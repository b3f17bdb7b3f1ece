"""A radio process for the tests of the virtual radio, and bleak on an adapter that reaches it over HCI."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from hil.radio.adapter import Adapter
from hil.radio.backend import backends

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests/integration/radio"
DEADLINE_S = 20.0


def child(*arguments: str) -> "subprocess.Popen[str]":
    """Start a Python script of the radio's tests with the repository on its path."""
    script, *rest = arguments
    return subprocess.Popen(
        [sys.executable, str(SCRIPTS / script), *rest],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


class WardProcess:
    """The radio process `ward.py`; `transport` is where adapters reach it."""

    def __init__(self, spec: str = "tcp-server:127.0.0.1:0", bonds: Path | None = None) -> None:
        self.process = child("ward.py", spec, *([str(bonds)] if bonds else []))
        assert self.process.stdout
        self.transport = self.process.stdout.readline().strip()
        assert self.transport, "the radio process ended before it listened"
        self._numbers = itertools.count()
        self._answers: dict[int, dict[str, Any]] = {}
        self._answered = threading.Condition()
        threading.Thread(target=self._read_answers, daemon=True).start()

    def _read_answers(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            reply = json.loads(line)
            with self._answered:
                self._answers[reply["id"]] = reply
                self._answered.notify_all()

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin
        with self._answered:
            number = next(self._numbers)
            self.process.stdin.write(json.dumps({"id": number, **request}) + "\n")
            self.process.stdin.flush()
            assert self._answered.wait_for(lambda: number in self._answers, DEADLINE_S), request
        reply = self._answers.pop(number)
        assert "error" not in reply, reply["error"]
        return reply["ok"]

    async def __call__(self, do: str, name: str, **arguments: Any) -> Any:
        """Have the ward do something with the peripheral `name`."""
        return await asyncio.to_thread(self._ask, {"do": do, "name": name, **arguments})

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()


class Radio:
    """bleak's own classes on one adapter."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self.scanner_class, self.client_class = backends(adapter)

    def scanner(self, *arguments: Any, **options: Any) -> BleakScanner:
        return BleakScanner(*arguments, backend=self.scanner_class, **options)

    def client(self, device: BLEDevice | str, *arguments: Any, **options: Any) -> BleakClient:
        return BleakClient(
            device, *arguments, backend=self.client_class, **{"timeout": DEADLINE_S, **options}
        )

    async def find(self, name: str) -> BLEDevice:
        device = await BleakScanner.find_device_by_name(name, DEADLINE_S, backend=self.scanner_class)
        assert device, f"{name} was not heard"
        return device


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until `condition()` is true, within the deadline."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            met = condition()
            if met if isinstance(met, bool) else await met:
                return
            await asyncio.sleep(0.01)


_numbers = itertools.count(1)


def new_address() -> tuple[str, str]:
    """A name and a static random address that no other test uses."""
    number = next(_numbers)
    return f"BED-{number:04d}", f"C0:00:00:00:{number >> 8:02X}:{number & 255:02X}"

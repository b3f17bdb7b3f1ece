"""A micro:bit in QEMU: its serial port on a socket, its power switch on another."""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

_DEADLINE_S = 60.0
_PROMPT = b">>> "


class Microbit:
    """A board that runs `image` (Intel HEX), written at `folder`, from when the block is entered."""

    def __init__(self, folder: Path, image: str) -> None:
        program = shutil.which("qemu-system-arm")
        assert program, "qemu-system-arm is not installed: apt-get install qemu-system-arm"
        self._program = program
        self._image = folder / "microbit.hex"
        self._image.write_text(image, encoding="ascii")

    def __enter__(self) -> Self:
        serial, power = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
        for server in (serial, power):
            server.settimeout(_DEADLINE_S)
        where = [f"tcp:127.0.0.1:{server.getsockname()[1]}" for server in (serial, power)]
        loader = f"loader,file={self._image}"
        options = ["-nographic", "-monitor", "none", "-serial", where[0], "-qmp", where[1], "-device", loader]
        self._process = subprocess.Popen(
            [self._program, "-M", "microbit", *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        with serial, power:
            self._serial, self._power = serial.accept()[0], power.accept()[0]
        self._serial.settimeout(0.05)
        self._answers = self._power.makefile("r", encoding="utf-8")
        self._answers.readline()
        self._command("qmp_capabilities")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._answers.close()
        self._serial.close()
        self._power.close()

    def read(self) -> bytes:
        """What it has sent, after at most a twentieth of a second."""
        try:
            return self._serial.recv(4096)
        except TimeoutError:
            return b""

    def write(self, data: bytes) -> None:
        """Send it bytes, no faster than its small buffer is emptied."""
        for at in range(0, len(data), 32):
            self._serial.sendall(data[at : at + 32])
            time.sleep(0.005)

    def reset(self) -> None:
        """Its processor begins anew at once, wherever it was; its flash stays as it is."""
        self._command("system_reset")

    def until(self, mark: bytes) -> bytes:
        """What it sends up to `mark`."""
        came, end = b"", time.monotonic() + _DEADLINE_S
        while mark not in came:
            assert time.monotonic() < end, f"waited in vain for {mark!r}: {came[-500:]!r}"
            came += self.read()
        return came

    def boot(self) -> None:
        """Wait for its prompt: for an image without a program that runs for ever."""
        self.until(_PROMPT)
        self.write(b"\x01")
        self.until(b"raw REPL; CTRL-B to exit\r\n>")

    def execute(self, source: str) -> str:
        """What a program prints, and its exception if any, at its prompt."""
        self.write(source.encode() + b"\x04")
        answer = self.until(b"\x04>")
        return answer.removeprefix(b"OK").removesuffix(b"\x04>").replace(b"\x04", b"").decode()

    def _command(self, name: str) -> None:
        self._power.sendall(json.dumps({"execute": name}).encode() + b"\n")
        answer: dict[str, Any] = {}
        while "return" not in answer:
            answer = json.loads(self._answers.readline())
            assert "error" not in answer, answer

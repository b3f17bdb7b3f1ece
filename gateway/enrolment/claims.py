"""Where a claim comes from: a file, a line of standard input, or whoever sits at the serial console."""

import asyncio
import os
import sys
from pathlib import Path

import serial

from devices.errors import BadClaim
from devices.model.claim import LONGEST, Claim
from gateway.enrolment.enrol import Enrol
from gateway.enrolment.identity import Identity
from gateway.errors import EnrolmentError, GatewayError, LinkError

_BAUD = 115_200
_PROMPT = (
    b"\r\nWardlink: this gateway waits for its claim. Paste it here (it is not shown) and press Enter.\r\n> "
)
_TOO_LONG = "?" * (LONGEST + 1)


def from_file(path: Path) -> Claim:
    """The claim in `path`, `-` being one line of standard input. Raises EnrolmentError."""
    try:
        if str(path) == "-":
            text = sys.stdin.readline(4 * LONGEST)
        else:
            with path.open(encoding="utf-8") as file:
                text = file.read(4 * LONGEST)
        return Claim.from_text(text.strip())
    except (OSError, UnicodeDecodeError, BadClaim) as error:
        raise EnrolmentError("no-claim", f"{path}: no claim can be read there: {error}") from error


class Lines:
    """Bytes become lines that end with CR or LF. One longer than a claim becomes one that is refused."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def receive(self, data: bytes) -> list[str]:
        """The lines that end in `data`, without empty ones."""
        *ended, rest = (bytes(self._begun) + data).replace(b"\r", b"\n").split(b"\n")
        self._begun = bytearray(rest[: LONGEST + 1])
        return [_decoded(line) for line in ended if line.strip()]


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip() if len(line) <= LONGEST else _TOO_LONG


async def by_console(path: str, enrol: Enrol) -> Identity:
    """Ask at the serial port `path` (115200 8N1) until a claim was good. Raises LinkError when it is gone."""
    try:
        with serial.Serial(path, _BAUD, timeout=0, write_timeout=5, exclusive=True) as port:
            return await _asked(port, enrol)
    except OSError as error:
        raise LinkError(
            "port-unusable",
            f"{path}: {error}: is it there, in this user's reach (group dialout), and not in use (getty)?",
        ) from error


async def _asked(port: serial.Serial, enrol: Enrol) -> Identity:
    lines, said = Lines(), asyncio.Queue[bytes]()
    loop = asyncio.get_running_loop()
    loop.add_reader(port.fileno(), lambda: said.put_nowait(_read(port)))
    try:
        await _say(port, _PROMPT)
        while data := await said.get():
            for line in lines.receive(data):
                try:
                    identity = await enrol(Claim.from_text(line))
                except (BadClaim, GatewayError) as error:
                    await _say(port, f"\r\n{error}\r\n> ".encode())
                else:
                    await _say(port, f"\r\n{identity.gateway}: enrolled until {identity.until}.\r\n".encode())
                    return identity
    finally:
        loop.remove_reader(port.fileno())
    raise OSError("the port hung up")


def _read(port: serial.Serial) -> bytes:
    """What is there; nothing at its end."""
    try:
        return os.read(port.fileno(), LONGEST)
    except OSError:
        return b""


async def _say(port: serial.Serial, text: bytes) -> None:
    await asyncio.to_thread(port.write, text)

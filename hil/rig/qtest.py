"""QEMU's test socket: the pins, the RAM and the flash of an emulated board, while it runs.

qtest = QTest(path)
qtest.set_pin(17, 0)
qtest.write(at, b"...")
"""

import base64
import socket
from pathlib import Path

from hil.errors import NotReady

BUTTON_A, BUTTON_B = 17, 26
"""The pins of the nRF51 at a micro:bit's buttons: low while they are pressed."""
RAM, RAM_BYTES = 0x20000000, 0x4000
_GPIO = "/machine/nrf51"
_NVMC_CONFIG, _NVMC_ERASEPAGE = 0x4001E504, 0x4001E508
_READ, _WRITE, _ERASE = 0, 1, 2
_ANSWER_S = 10.0


class QTest:
    """A connection for each question: QEMU takes one at a time, and lives shorter than this."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set_pin(self, pin: int, level: int) -> None:
        """Drive an input pin from outside. Raises NotReady."""
        self._ask(f"set_irq_in {_GPIO} unnamed-gpio-in {pin} {level}")

    def read(self, at: int, size: int) -> bytes:
        """Memory, as the processor sees it. Raises NotReady."""
        return base64.b64decode(self._ask(f"b64read {at:#x} {size:#x}").split()[1])

    def write(self, at: int, data: bytes) -> None:
        """Change memory. Raises NotReady."""
        self._ask(f"write {at:#x} {len(data):#x} 0x{data.hex()}")

    def flash(self, at: int, data: bytes, page: int) -> None:
        """Write whole pages of flash by its controller. Raises NotReady."""
        self._ask(f"writel {_NVMC_CONFIG:#x} {_ERASE}")
        for place in range(at, at + len(data), page):
            self._ask(f"writel {_NVMC_ERASEPAGE:#x} {place:#x}")
        self._ask(f"writel {_NVMC_CONFIG:#x} {_WRITE}")
        for place in range(0, len(data), 4):
            word = data[place : place + 4]
            if word != b"\xff" * 4:
                self._ask(f"writel {at + place:#x} {int.from_bytes(word, 'little'):#x}")
        self._ask(f"writel {_NVMC_CONFIG:#x} {_READ}")

    def _ask(self, line: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_ANSWER_S)
                connection.connect(str(self._path))
                connection.sendall(line.encode() + b"\n")
                with connection.makefile("r", encoding="ascii") as answers:
                    answer = answers.readline().strip()
        except OSError as error:
            raise NotReady(f"{self._path}: {error}: does QEMU run?") from error
        if not answer.startswith("OK"):
            raise NotReady(f"QEMU answered {answer!r} to {line[:60]!r}")
        return answer

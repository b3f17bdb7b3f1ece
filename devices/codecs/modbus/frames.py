"""Modbus RTU: the frame. UNIT FUNCTION DATA ... CRC, low byte first.

    01 03 00 04 00 01 C5 CB    read 1 holding register of unit 1, from 0004
    01 03 02 03 02 39 75       its answer: 2 bytes, 0302
    01 83 02 C0 F1             or its exception: illegal data address

Frames have no beginning of their own: a silence of 3.5 characters separates them, which USB and Bluetooth do
not keep. So an answer is recognised by what was asked, its length and its checksum.
Source: Modbus Organization, MODBUS Application Protocol V1.1b3, 6.3, 6.4 and 7; MODBUS over Serial Line
V1.02, 2.5.1 and 6.2.2.
"""

from dataclasses import dataclass
from enum import IntEnum

from devices.codecs.health import BadByteCounter

HOLDING, INPUT = 0x03, 0x04
"""Functions: read holding registers, read input registers. No other is ever sent."""
EXCEPTION = 0x80


class Refusal(IntEnum):
    """Exception codes."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_DATA_ADDRESS = 2
    ILLEGAL_DATA_VALUE = 3
    DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    DEVICE_BUSY = 6
    MEMORY_PARITY_ERROR = 8
    GATEWAY_PATH_UNAVAILABLE = 10
    GATEWAY_NO_RESPONSE = 11


@dataclass(frozen=True, slots=True)
class Question:
    """Registers that are asked for."""

    unit: int
    """1-247."""
    function: int
    """HOLDING or INPUT."""
    address: int
    """As it is sent: from 0. Register 40001 of a manual is address 0 of HOLDING."""
    count: int
    """1-125."""

    def encode(self) -> bytes:
        """The frame."""
        body = bytes((self.unit, self.function)) + self.address.to_bytes(2, "big")
        return with_crc(body + self.count.to_bytes(2, "big"))

    def answer(self, registers: bytes) -> bytes:
        """The frame that answers it."""
        return with_crc(bytes((self.unit, self.function, len(registers))) + registers)

    def exception(self, code: int) -> bytes:
        """The frame that refuses it."""
        return with_crc(bytes((self.unit, self.function | EXCEPTION, code)))


def crc(data: bytes) -> int:
    """CRC-16 with the polynomial A001 (8005 reversed), begun with FFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def with_crc(body: bytes) -> bytes:
    """The frame of `body`."""
    return body + crc(body).to_bytes(2, "little")


def decode_question(frame: bytes) -> Question | None:
    """What a frame asks for; None if it is no question of this kind. For a simulated device."""
    if len(frame) != 8 or with_crc(frame[:-2]) != frame or frame[1] not in (HOLDING, INPUT):
        return None
    address, count = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
    return Question(frame[0], frame[1], address, count)


class AnswerReader:
    """Finds the answer to one question at a time in a stream of bytes; counts the bytes that are of none."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()

    def feed(self, data: bytes, question: Question | None) -> bytes | int | None:
        """The registers that answer `question`, or the code of an exception; None: more is needed.

        What follows an answer, and what nobody asked for, is passed over.
        """
        self._buffer += data
        while self._buffer and question:
            found, size = self._at_start(question)
            if found is not None:
                del self._buffer[:size]
                self.give_up()
                return found
            if size:
                return None
            del self._buffer[0]
        self.give_up()
        return None

    def give_up(self) -> None:
        """Forget what came."""
        if self._buffer:
            self._bad.count("framing", len(self._buffer))
        self._buffer.clear()

    def _at_start(self, question: Question) -> tuple[bytes | int | None, int]:
        """The answer at the buffer's start and its size; if it is not whole, its size; else 0 (counted)."""
        expected = bytes((question.unit, question.function, 2 * question.count))
        refused = bytes((question.unit, question.function | EXCEPTION))
        head = bytes(self._buffer[:3])
        if expected.startswith(head):
            size = 5 + 2 * question.count
        elif head[:2] == refused:
            size = 5
        else:
            self._bad.count("framing")
            return None, 0
        frame = bytes(self._buffer[:size])
        if len(frame) < size:
            return None, size
        if with_crc(frame[:-2]) != frame:
            self._bad.count("checksum")
            return None, 0
        return (frame[2] if frame[1] & EXCEPTION else frame[3:-2]), size

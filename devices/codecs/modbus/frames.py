"""Modbus RTU: the frame. UNIT FUNCTION DATA ... CRC, low byte first.

    01 03 00 04 00 01 C5 CB    read 1 holding register of unit 1, from 0004
    01 03 02 03 02 39 75       its answer: 2 bytes, 0302
    01 83 02 C0 F1             or its exception: illegal data address

Frames have no beginning of their own: a silence of 3.5 characters separates them, which USB and Bluetooth do
not keep. So a question is recognised by its length and its checksum, an answer also by what was asked.
Source: Modbus Organization, MODBUS Application Protocol V1.1b3, 6.3, 6.4 and 7; MODBUS over Serial Line
V1.02, 2.5.1 and 6.2.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from devices.codecs.health import BadByteCounter

HOLDING, INPUT = 0x03, 0x04
"""Functions: read holding registers, read input registers. No other is ever sent."""
EXCEPTION = 0x80
_UNITS, _COUNTS = range(1, 248), range(1, 126)
_READS = (b"", bytes((HOLDING,)), bytes((INPUT,)))
_QUESTION_SIZE = 8


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

    def answer_size(self, head: bytes) -> int:
        """The size of its answer or refusal, if one may begin with these (at most 3) bytes; else 0."""
        if bytes((self.unit, self.function, 2 * self.count)).startswith(head):
            return 5 + 2 * self.count
        return 5 if head[:2] == bytes((self.unit, self.function | EXCEPTION)) else 0


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
    """What a frame asks for; None if it is no question of this kind."""
    if len(frame) != _QUESTION_SIZE or with_crc(frame[:-2]) != frame or frame[1] not in (HOLDING, INPUT):
        return None
    address, count = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
    return Question(frame[0], frame[1], address, count) if count in _COUNTS else None


class AnswerReader:
    """Finds the answers to questions in a stream of bytes; counts the bytes that are of no frame.

    A question is ours, or one that was heard: our own as the line's echo, or another master's. What answers
    a question that was heard is not taken for the answer to ours.
    """

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()
        self._heard: Question | None = None

    def feed(self, data: bytes, asked: Question | None) -> list[tuple[Question, bytes | int]]:
        """The questions that `data` answers, each with its registers or the code of an exception.

        What nobody asked for is passed over.
        """
        self._buffer += data
        found: list[tuple[Question, bytes | int]] = []
        while self._buffer:
            open_ones = [question for question in (self._heard, asked) if question]
            size, answer = self._at_start(open_ones)
            if not size:
                break
            del self._buffer[:size]
            if answer:
                found.append(answer)
                self._heard = None
                asked = None if answer[0] == asked else asked
        return found

    def give_up(self) -> None:
        """Forget what came."""
        if self._buffer:
            self._bad.count("framing", len(self._buffer))
        self._buffer.clear()
        self._heard = None

    def _at_start(self, questions: Iterable[Question]) -> tuple[int, tuple[Question, bytes | int] | None]:
        """The size of what is at the buffer's start, and the answer that it is; 0: more is needed."""
        head = bytes(self._buffer[:3])
        question = next((one for one in questions if one.answer_size(head)), None)
        if question is None:
            return self._question_at_start(head), None
        size = question.answer_size(head)
        frame = bytes(self._buffer[:size])
        if len(frame) < size:
            return 0, None
        if with_crc(frame[:-2]) != frame:
            self._bad.count("checksum")
            return 1, None
        return size, (question, frame[2] if frame[1] & EXCEPTION else frame[3:-2])

    def _question_at_start(self, head: bytes) -> int:
        """The size of the question at the buffer's start; 0: more is needed; 1: it is none."""
        may_be = head[0] in _UNITS and head[1:2] in _READS
        if may_be and len(self._buffer) < _QUESTION_SIZE:
            return 0
        question = decode_question(bytes(self._buffer[:_QUESTION_SIZE])) if may_be else None
        if question is None:
            self._bad.count("framing")
            return 1
        self._heard = question
        return _QUESTION_SIZE

"""Modbus RTU, the master's side: registers are read one after the other, in rounds of `ROUND_S`.

A question waits `PATIENCE_S` for its answer. An answer does not say which register it is of: after one that
did not come, the line is left in peace for `REST_S`, so that a late one is not taken for the next.

What another master asks for on the same line, and is answered, is taken if it is one of our registers.
"""

from collections.abc import Sequence

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.modbus.frames import AnswerReader, Refusal
from devices.codecs.modbus.registers import Register
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading, later

_AGAIN = (Refusal.ACKNOWLEDGE, Refusal.DEVICE_BUSY)
"""Exceptions after which the device only wants time."""


class ModbusReader:
    """Gives the metrics of `registers`, REFUSED (exceptions, silence; once until it answers), BAD_BYTES."""

    ROUND_S = 1.0
    PATIENCE_S = 1.0
    REST_S = 1.0
    SILENCE_S = 0.01
    """Between an answer and the next question: more than 3.5 characters from 4800 baud on."""

    def __init__(self, registers: Sequence[Register]) -> None:
        self._registers = registers
        self._by_question = {register.question: register for register in registers}
        self._bad = BadByteCounter()
        self._reader = AnswerReader(self._bad)
        self._next = 0
        self._open: Register | None = registers[0]
        self._outgoing = registers[0].question.encode()
        self._due: Instant | None = None
        self._round_from = Instant(0)
        self._refusals: dict[str, str] = {}

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for question, answer in self._reader.feed(data, self._open.question if self._open else None):
            register = self._by_question.get(question)
            said += self._answered(register, answer, now) if register else []
            if self._open and self._open.question == question:
                self._close(later(now, self.SILENCE_S))
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The question that is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the next question is due, or one has waited too long."""
        due, bad = self._due if self._due is not None else Instant(0), self._bad.due()
        return due if bad is None else min(due, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask the next question; give up one that nobody answered."""
        said: list[Said] = []
        if self._due is None:
            self._round_from, self._due = now, later(now, self.PATIENCE_S)
        elif now >= self._due:
            said = self._turn(now)
        return [*said, *self._bad.told(now)]

    def _turn(self, now: Instant) -> list[Said]:
        lost = self._open
        if lost:
            self._reader.give_up()
            self._close(later(now, self.REST_S))
            return self._refused(lost, "none", now)
        if self._next == 0:
            self._round_from = now
        self._ask()
        self._due = later(now, self.PATIENCE_S)
        return []

    def _ask(self) -> None:
        self._open = self._registers[self._next]
        self._outgoing = self._open.question.encode()

    def _close(self, free: Instant) -> None:
        """On to the next register, from `free` on; after the last, when the round is over."""
        self._open, self._outgoing = None, b""
        self._next = (self._next + 1) % len(self._registers)
        self._due = free if self._next else max(free, later(self._round_from, self.ROUND_S))

    def _answered(self, asked: Register, answer: bytes | int, now: Instant) -> list[Said]:
        if isinstance(answer, int):
            known = answer in set(Refusal)
            name = Refusal(answer).name.lower().replace("_", "-") if known else str(answer)
            return [] if answer in _AGAIN else self._refused(asked, name, now)
        self._refusals.pop(asked.metric, None)
        value = asked.decode(answer)
        if isinstance(value, NoValue):
            return [Reading(asked.metric, now, None, value)]
        return [Reading(asked.metric, now, value)]

    def _refused(self, asked: Register, answer: str, now: Instant) -> list[Said]:
        """No value; and the refusal, unless it is the one told last."""
        said: list[Said] = [Reading(asked.metric, now, None, NoValue.NOT_AVAILABLE)]
        if self._refusals.get(asked.metric) != answer:
            self._refusals[asked.metric] = answer
            question = asked.question
            command = f"read unit {question.unit} function {question.function} register {question.address}"
            said.append(DeviceEvent(EventKind.REFUSED, now, {"command": command, "answer": answer}))
        return said

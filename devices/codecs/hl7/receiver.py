"""The receiving side of HL7 over MLLP: parse, say, and acknowledge once the journal has it.

Original mode (MSH-15 and MSH-16 empty, or no codes of table 0155: Mindray chemistry analysers put the kind of
result into MSH-16): one ACK with AA, AE or AR. Enhanced mode: an accept acknowledgement (CA, CE, CR) where
MSH-15 asks for it (AL; SU if all is well; ER if not), an application acknowledgement (AA, AE, AR) where
MSH-16 does; NE, or one field empty beside the other: none. Both go only after the journal: we commit to
nothing before. A refusal says in MSA-3 what was expected.
Sources disagree: some receivers of monitors' messages with AL and NE answer AA instead of CA.
"""

from abc import ABC, abstractmethod

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.hl7.message import Message, Segment, acknowledgement
from devices.codecs.hl7.mllp import LONGEST, Framed, MllpReader, encode
from devices.errors import BadBytes, DevicesError
from devices.model.observation import Instant, later

_CONDITIONS = frozenset({"AL", "NE", "ER", "SU"})
"""Table 0155."""


class Unsupported(DevicesError):
    """A message that is well formed but of a type that is not received here."""


class Receiver(ABC):
    """A `JournalledCodec`: subclasses read a message, this finds, answers and counts them."""

    FLUSH_S = 0.5

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = MllpReader(self._bad)
        self._outgoing = self._held = b""
        self._waits = False
        self._flushes: Instant | None = None
        self._answers = 0

    @abstractmethod
    def _read(self, message: Message, now: Instant) -> list[Said]:
        """What a message says. Raises Unsupported."""

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said = [one for found in self._reader.feed(data) for one in self._take(found, now)]
        self._flushes = later(now, self.FLUSH_S) if self._reader.is_bare else None
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The acknowledgements that are due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def awaits_journal(self) -> bool:
        """Whether something was said that is not known to be on disk."""
        return self._waits

    def journalled(self, now: Instant) -> None:
        """What was said is on disk: the acknowledgements that waited for it are due."""
        self._waits = False
        self._outgoing += self._held
        self._held = b""

    def next_timer(self) -> Instant | None:
        """When a message without marks ends, or counted bytes are to be told."""
        times = [one for one in (self._flushes, self._bad.due()) if one is not None]
        return min(times, default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """End a message without marks; tell counted bytes."""
        said: list[Said] = []
        if self._flushes is not None and now >= self._flushes:
            self._flushes = None
            said = [one for found in self._reader.flush() for one in self._take(found, now)]
        return [*said, *self._bad.told(now)]

    def _take(self, found: Framed, now: Instant) -> list[Said]:
        try:
            message = Message.parse(found.content)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return []
        said: list[Said] = []
        verdict, why = "A", ""
        if not message.type:
            self._bad.count("framing")
            verdict, why = "E", "expected a message type in MSH-9"
        elif not found.is_whole:
            verdict, why = "E", f"expected a message of at most {LONGEST} bytes"
        elif message.type != "ACK":
            try:
                said = self._read(message, now)
            except Unsupported as refusal:
                verdict, why = "R", str(refusal)
        self._waits = self._waits or bool(said)
        if message.type != "ACK":
            self._answer(message, verdict, why)
        return said

    def _answer(self, message: Message, verdict: str, text: str) -> None:
        """Owe what MSH-15 and MSH-16 ask for; `verdict` is A (accept), E (error) or R (reject)."""
        for code in _codes(message.header, verdict):
            self._answers += 1
            answer = encode(acknowledgement(message, code, text, self._answers))
            if self._waits:
                self._held += answer
            else:
                self._outgoing += answer


def _codes(header: Segment, verdict: str) -> list[str]:
    wanted = [header.component(field, 1).upper() for field in (15, 16)]
    if not any(one in _CONDITIONS for one in wanted):
        return [f"A{verdict}"]
    agreeing = {"AL", "SU"} if verdict == "A" else {"AL", "ER"}
    return [kind + verdict for kind, one in zip("CA", wanted, strict=True) if one in agreeing]

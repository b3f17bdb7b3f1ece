"""J1939 transport protocol: messages of 9 to 1785 bytes in packets of 7, as one who only listens hears them.

    TP.CM  20 size(2) packets FF PGN(3)    broadcast announced (BAM); 10: announced to one unit (RTS)
    TP.DT  number  7 bytes                 a packet
    TP.CM  FF ..                           given up

Each source has one message on its way to each destination; packets may come in any order.
Source: SAE J1939-21, 5.10, as in juergenH87/python-can-j1939 and nmfta-repo/pretty_j1939 and their tests.
"""

from dataclasses import dataclass, field

from devices.codecs.health import BadByteCounter
from devices.codecs.j1939.slcan import CanFrame
from devices.model.observation import Instant

TP_CM, TP_DT = 0xEC00, 0xEB00
REQUEST_TO_SEND, BROADCAST, ABORT = 16, 32, 255
_SMALLEST, _LARGEST = 9, 1785
_PACKET = 7


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a control unit."""

    pgn: int
    """Parameter group number: what it is about."""
    source: int
    """Address of the unit that sent it; 0 is the first engine."""
    data: bytes


def message_of(frame: CanFrame) -> tuple[Message, int]:
    """The message in a frame with an identifier of 29 bits, and its destination; 255: all."""
    page, kind = frame.identifier >> 16 & 0x300, frame.identifier >> 16 & 0xFF
    specific, source = frame.identifier >> 8 & 0xFF, frame.identifier & 0xFF
    if kind < 240:
        return Message((page | kind) << 8, source, frame.data), specific
    return Message((page | kind) << 8 | specific, source, frame.data), 255


def identifier(pgn: int, source: int, priority: int = 6, destination: int = 255) -> int:
    """The 29 bits of a frame."""
    specific = destination if pgn >> 8 & 0xFF < 240 else 0
    return priority << 26 | (pgn | specific) << 8 | source


@dataclass(slots=True)
class _Session:
    pgn: int
    size: int
    wanted: int
    """Packets."""
    heard: Instant
    packets: dict[int, bytes] = field(default_factory=dict[int, bytes])


class Transport:
    """The messages on their way."""

    PATIENCE_NS = 1_250_000_000
    """After so long without a packet (T2, the standard's longest) a message will not be whole."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._sessions: dict[tuple[int, int], _Session] = {}

    def feed(self, message: Message, destination: int, now: Instant) -> Message | None:
        """The message that a frame of TP.CM or TP.DT completes."""
        route = message.source, destination
        if len(message.data) != 8:
            self._bad.count("length")
            return None
        if message.pgn == TP_DT:
            return self._packet(message, route, now)
        if message.data[0] in (BROADCAST, REQUEST_TO_SEND):
            self._announced(message.data, route, now)
        elif message.data[0] == ABORT:
            self._give_up(route)
            self._give_up((destination, message.source))
        return None

    def _announced(self, data: bytes, route: tuple[int, int], now: Instant) -> None:
        self._give_up(route)
        size, wanted = int.from_bytes(data[1:3], "little"), data[3]
        if not _SMALLEST <= size <= _LARGEST or wanted != -(-size // _PACKET):
            self._bad.count("length")
            return
        self._sessions[route] = _Session(int.from_bytes(data[5:8], "little"), size, wanted, now)

    def _packet(self, message: Message, route: tuple[int, int], now: Instant) -> Message | None:
        """One without an announcement is of a message that had begun before we listened."""
        session = self._sessions.get(route)
        if session and now - session.heard > self.PATIENCE_NS:
            self._give_up(route)
            return None
        if session is None:
            return None
        number = message.data[0]
        if not 1 <= number <= session.wanted:
            self._bad.count("framing")
            return None
        session.heard = now
        session.packets[number] = message.data[1:]
        if len(session.packets) < session.wanted:
            return None
        del self._sessions[route]
        data = b"".join(session.packets[n] for n in range(1, session.wanted + 1))
        return Message(session.pgn, message.source, data[: session.size])

    def _give_up(self, route: tuple[int, int]) -> None:
        """A message that is not whole is lost."""
        if self._sessions.pop(route, None):
            self._bad.count("framing")


def encode_broadcast(pgn: int, source: int, data: bytes) -> list[CanFrame]:
    """The frames of a message of more than 8 bytes to all."""
    wanted = -(-len(data) // _PACKET)
    head = bytes((BROADCAST,)) + len(data).to_bytes(2, "little") + bytes((wanted, 255))
    frames = [CanFrame(identifier(TP_CM, source, 7), head + pgn.to_bytes(3, "little"))]
    for number in range(wanted):
        packet = data[number * _PACKET : (number + 1) * _PACKET].ljust(_PACKET, b"\xff")
        frames.append(CanFrame(identifier(TP_DT, source, 7), bytes((number + 1,)) + packet))
    return frames

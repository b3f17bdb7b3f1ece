"""Messages of the Data Export protocol, big endian: remote operations, their results, and attribute lists.

    E100 0002  operation length  [linked id]  invoke-id command length  object  ...

Lists have a count and a length; neither is trusted past the end of what holds it.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devices.errors import BadBytes

SESSION = bytes.fromhex("e1000002")
INVOKE, RESULT, ERROR, LINKED = 1, 2, 3, 5
EVENT_REPORT, CONFIRMED_EVENT_REPORT, CONFIRMED_ACTION = 0, 1, 7
MDS_CREATED = 0x0D06
POLL, EXTENDED_POLL = 0x0C16, 0xF13B
POLL_PERIOD = 0xF13E
MDS, NUMERIC, WAVE, ALARMS = 33, 6, 9, 54
"""Object classes (partition 1)."""
TICKS_PER_S = 8000
NO_TIME = b"\xff" * 8
_OBJECT_PARTITION = 1
_LAST_LINK = 3


class Octets:
    """Reads fields from the start of `data`. Every method raises BadBytes if it is too short."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self._at + size
        if end > len(self._data):
            raise BadBytes("length", f"expected {size} more bytes, got {len(self._data) - self._at}")
        taken, self._at = self._data[self._at : end], end
        return taken

    def uint(self, size: int) -> int:
        """The next `size` bytes as a number."""
        return int.from_bytes(self.take(size), "big")

    def list(self) -> tuple[int, "Octets"]:
        """A list's count and what holds its elements."""
        count, size = self.uint(2), self.uint(2)
        return count, Octets(self.take(size))


Attributes = Mapping[int, bytes]


def attributes(octets: Octets) -> Attributes:
    """The attributes of an attribute list, by number."""
    count, listed = octets.list()
    found: dict[int, bytes] = {}
    for _ in range(count):
        number = listed.uint(2)
        found[number] = listed.take(listed.uint(2))
    return found


def attribute_list(given: Attributes) -> bytes:
    """An attribute list."""
    packed = (struct.pack(">HH", number, len(value)) + value for number, value in given.items())
    return listed(packed)


def listed(elements: Iterable[bytes]) -> bytes:
    """Elements with their count and length before them."""
    each = list(elements)
    data = b"".join(each)
    return struct.pack(">HH", len(each), len(data)) + data


@dataclass(frozen=True, slots=True)
class Observation:
    """One object's attributes. A handle is unique only within its context."""

    context: int
    handle: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Created:
    """The monitor tells that it is there (MDS create event); wants `created_result`."""

    invoke_id: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of a poll, or one of its linked parts."""

    kind: int
    """Object class."""
    ticks: int
    """The monitor's relative time, 1/8 ms."""
    observations: Sequence[Observation]
    is_extended: bool = True
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """The monitor refuses an operation."""

    invoke_id: int
    error: int


Message = Created | Polled | Refused | None


def decode(data: bytes) -> Message:
    """The message in a datagram of an association; None for one that wants nothing. Raises BadBytes."""
    octets = Octets(data)
    if octets.take(4) != SESSION:
        raise BadBytes("framing", f"expected session {SESSION.hex()}, got {data[:4].hex()}")
    operation, body = octets.uint(2), Octets(octets.take(octets.uint(2)))
    state = body.uint(2) >> 8 if operation == LINKED else _LAST_LINK
    invoke_id = body.uint(2)
    if operation == ERROR:
        return Refused(invoke_id, body.uint(2))
    command, content = body.uint(2), Octets(body.take(body.uint(2)))
    content.take(6)  # the managed object: always the monitor
    if operation == INVOKE and command in (EVENT_REPORT, CONFIRMED_EVENT_REPORT):
        return _created(invoke_id, content)
    if operation in (RESULT, LINKED) and command == CONFIRMED_ACTION:
        return _polled(content, state == _LAST_LINK)
    return None


def _created(invoke_id: int, content: Octets) -> Message:
    content.take(4)
    if content.uint(2) != MDS_CREATED:
        return None
    created = Octets(content.take(content.uint(2)))
    created.take(6)
    return Created(invoke_id, attributes(created))


def _polled(content: Octets, is_last: bool) -> Message:
    action, reply = content.uint(2), Octets(content.take(content.uint(2)))
    if action not in (POLL, EXTENDED_POLL):
        return None
    reply.take(2 if action == POLL else 4)
    ticks, _, _, kind, _ = reply.uint(4), reply.take(8), reply.uint(2), reply.uint(2), reply.uint(2)
    count, contexts = reply.list()
    found: list[Observation] = []
    for _ in range(count):
        context = contexts.uint(2)
        many, objects = contexts.list()
        found += [Observation(context, objects.uint(2), attributes(objects)) for _ in range(many)]
    return Polled(kind, ticks, found, action == EXTENDED_POLL, is_last)


def _operation(kind: int, invoke_id: int, command: int, content: bytes, linked: bytes = b"") -> bytes:
    body = (
        linked
        + struct.pack(">HHH", invoke_id, command, 6 + len(content))
        + bytes((0, MDS))
        + bytes(4)
        + content
    )
    return SESSION + struct.pack(">HH", kind, len(body)) + body


def created(invoke_id: int, ticks: int, given: Attributes) -> bytes:
    """A monitor's MDS create event."""
    info = struct.pack(">HHH", MDS, 0, 0) + attribute_list(given)
    content = struct.pack(">IHH", ticks, MDS_CREATED, len(info)) + info
    return _operation(INVOKE, invoke_id, CONFIRMED_EVENT_REPORT, content)


def created_result(invoke_id: int) -> bytes:
    """The host's answer to it: without one the monitor answers no poll."""
    return _operation(RESULT, invoke_id, CONFIRMED_EVENT_REPORT, struct.pack(">IHH", 0, MDS_CREATED, 0))


def poll(invoke_id: int, kind: int) -> bytes:
    """A request for one reply about all attributes of the objects of class `kind`."""
    request = struct.pack(">HHHH", 1, _OBJECT_PARTITION, kind, 0)
    return _action(invoke_id, POLL, request)


def extended_poll(invoke_id: int, kind: int, seconds: int) -> bytes:
    """A request for replies about them for `seconds`."""
    period = struct.pack(">I", seconds * TICKS_PER_S)
    request = struct.pack(">HHHH", 1, _OBJECT_PARTITION, kind, 0) + attribute_list({POLL_PERIOD: period})
    return _action(invoke_id, EXTENDED_POLL, request)


def _action(invoke_id: int, action: int, request: bytes) -> bytes:
    content = struct.pack(">IHH", 0, action, len(request)) + request
    return _operation(INVOKE, invoke_id, CONFIRMED_ACTION, content)


def result(invoke_id: int, polled: Polled, sequence: int = 0) -> bytes:
    """A monitor's reply to a poll."""
    contexts = sorted({one.context for one in polled.observations})
    packed = [
        struct.pack(">H", context)
        + listed(
            struct.pack(">H", one.handle) + attribute_list(one.attributes)
            for one in polled.observations
            if one.context == context
        )
        for context in contexts
    ]
    number = struct.pack(">HH", 1, sequence) if polled.is_extended else struct.pack(">H", 1)
    reply = number + struct.pack(">I", polled.ticks) + NO_TIME
    reply += struct.pack(">HHH", _OBJECT_PARTITION, polled.kind, 0) + listed(packed)
    action = EXTENDED_POLL if polled.is_extended else POLL
    content = struct.pack(">HH", action, len(reply)) + reply
    if polled.is_last:
        return _operation(RESULT, invoke_id, CONFIRMED_ACTION, content)
    return _operation(LINKED, invoke_id, CONFIRMED_ACTION, content, bytes((1, 1)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A host's poll, as a monitor reads it. `seconds` is None for a poll of one reply."""

    invoke_id: int
    kind: int
    seconds: int | None


def asked(data: bytes) -> Asked | None:
    """The poll in a host's datagram; None for what is none. Raises BadBytes."""
    octets = Octets(data)
    if octets.take(4) != SESSION or octets.uint(2) != INVOKE:
        return None
    body = Octets(octets.take(octets.uint(2)))
    invoke_id, command = body.uint(2), body.uint(2)
    if command != CONFIRMED_ACTION:
        return None
    body.take(12)
    action, request = body.uint(2), Octets(body.take(body.uint(2)))
    request.take(4)
    kind, _ = request.uint(2), request.uint(2)
    period = attributes(request).get(POLL_PERIOD) if action == EXTENDED_POLL else None
    return Asked(invoke_id, kind, int.from_bytes(period, "big") // TICKS_PER_S if period else None)

"""What one controller tells the others, as bytes: CBOR, [who, sequence, kind, …]. Pure.

    for payload in frames.messages([arrived, …]): publish(payload)
    frame = read_frame(payload)          # raises BrokerError

A sequence that is not the next one says that something was lost; whoever hears that reads the database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from controller.errors import BrokerError
from controller.ingest import Arrived
from devices.wire.keys import MAX_MESSAGE

_COMMITTED, _ASK, _EVENT = 0, 1, 2
_OVERHEAD = 300
"""Bytes that a message takes beside its payload, at most: topics are short."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`committed`: messages in order; or `ask`: there is news of that kind of these beds; or `event`: of that
    kind, as pages are told it."""

    who: bytes
    sequence: int
    committed: tuple[Arrived, ...] = ()
    ask: tuple[str, tuple[str, ...]] | None = None
    event: tuple[str, dict[str, Any]] | None = None


class Frames:
    """Those of one controller."""

    def __init__(self, who: bytes) -> None:
        self._who = who
        self._sequence = 0

    def messages(self, committed: Sequence[Arrived]) -> Iterator[bytes]:
        """Each not larger than the broker takes: one message, or as many as go into the size of one."""
        some: list[Arrived] = []
        size = 0
        for one in committed:
            if some and size + len(one.payload) + _OVERHEAD > MAX_MESSAGE:
                yield self._frame(_COMMITTED, some)
                some, size = [], 0
            some.append(one)
            size += len(one.payload) + _OVERHEAD
        if some:
            yield self._frame(_COMMITTED, some)

    def ask(self, kind: str, beds: Sequence[str]) -> bytes:
        """There is news of `kind` of these beds."""
        return self._frame(_ASK, [kind, list(beds)])

    def event(self, kind: str, data: Mapping[str, Any]) -> bytes:
        """What all pages are told: JSON values."""
        return self._frame(_EVENT, [kind, dict(data)])

    def _frame(self, kind: int, told: Sequence[Any]) -> bytes:
        self._sequence += 1
        return cbor2.dumps([self._who, self._sequence, kind, told])


def read_frame(payload: bytes) -> Frame:
    """Raises BrokerError."""
    try:
        told: Any = cbor2.loads(payload)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise BrokerError(f"expected what another controller has committed, got {error}") from error
    match told:
        case [bytes(who), int(sequence), 0, list(messages)]:
            return Frame(who, sequence, tuple(_arrived(one) for one in messages))
        case [bytes(who), int(sequence), 1, [str(kind), list(beds)]]:
            return Frame(who, sequence, ask=(kind, tuple(bed for bed in beds if isinstance(bed, str))))
        case [bytes(who), int(sequence), 2, [str(kind), dict(data)]]:
            return Frame(who, sequence, event=(kind, data))
        case _:
            raise BrokerError(
                "expected what another controller has committed, got another form: same version?"
            )


def _arrived(told: object) -> Arrived:
    match told:
        case [str(topic), bytes(payload), int(at_us), bool(retained), int(broker)]:
            return Arrived(topic, payload, at_us, retained, broker)
        case _:
            raise BrokerError("expected a message of a gateway, got another form: same version?")

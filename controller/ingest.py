"""What a message from a gateway is: pure decisions, made before anything is believed.

    verdict = read(arrived)     # never raises: a message that cannot be used has a verdict too

size → CBOR → checksum → header → records → contract (CDDL). A block that is whole but cannot be read is
kept as it came and receipted as quarantined, so it stops nothing; one whose checksum is wrong is only
counted, for its sender still has the right copy.

The validator comes last: it holds each item of a bad list against every rule, and was measured to hold
everybody up for 80 s over one message of 200,000 empty arrays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import pycddl

from devices.errors import Damaged, WireError
from devices.wire import topics
from devices.wire.block import BlockClock, BlockHeader, Lane, open_block, records_of
from devices.wire.contract import cddl
from devices.wire.keys import MAX_MESSAGE
from devices.wire.messages import Birth, GatewayState, read_birth, read_gateway_state
from devices.wire.records import Gap, Group, Opened
from devices.wire.strict import decode

LARGEST = 2**62
"""Numbers and times (microseconds) above this are nobody's: SQLite's integers end at 2^63."""

LONGEST_DETAIL = 1000
"""Characters that are kept, and logged, of why a message was refused."""


class Arrived(NamedTuple):
    """A message as the broker delivered it, `at_us` in the controller's time scale."""

    topic: str
    payload: bytes
    at_us: int
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A block that can be stored."""

    gateway: str
    arrived: Arrived
    header: BlockHeader
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be used. With a `header` it is a ledger's block, and is receipted as quarantined.

    `reason`: "malformed", "contract", "oversized", "wrong-lane", "misaddressed", "not-a-topic".
    """

    gateway: str
    arrived: Arrived
    reason: str
    detail: str
    header: BlockHeader | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A block whose checksum is wrong: counted; it will come again."""

    gateway: str
    arrived: Arrived


@dataclass(frozen=True, slots=True)
class Told:
    """A birth or a state."""

    gateway: str
    arrived: Arrived
    message: Birth | GatewayState


Verdict = Block | Refused | Broken | Told


class _ContractBroken(Exception):
    pass


@cache
def _schema(rule: str) -> pycddl.Schema:
    return pycddl.Schema(cddl(rule))


def _check(rule: str, data: bytes) -> None:
    try:
        _schema(rule).validate_cbor(data)
    except pycddl.ValidationError as error:
        # It shows the whole message, and why each part of it fits no rule: megabytes of a large one.
        raise _ContractBroken(f"{rule}: {error}"[:LONGEST_DETAIL]) from error


def read(arrived: Arrived) -> Verdict:
    """The verdict on one message. Never raises."""
    address = topics.parse_up(arrived.topic)
    if address is None:
        return Refused("", arrived, "not-a-topic", f"no gateway publishes on {arrived.topic:.200}")
    gateway, what = address
    if len(arrived.payload) > MAX_MESSAGE:
        return Refused(gateway, arrived, "oversized", f"expected at most {MAX_MESSAGE} bytes")
    try:
        if what in topics.LANES:
            return _read_block(gateway, Lane(topics.LANES.index(what)), arrived)
        return _read_message(gateway, what, arrived)
    except Damaged:
        return Broken(gateway, arrived)
    except (WireError, _ContractBroken) as error:
        return Refused(gateway, arrived, _reason(error), str(error))


def _read_message(gateway: str, what: str, arrived: Arrived) -> Verdict:
    decode(arrived.payload)
    if what == "birth":
        birth = read_birth(arrived.payload)
        _check("birth", arrived.payload)
        return Told(gateway, arrived, birth)
    if what == "state":
        state = read_gateway_state(arrived.payload)
        _check("gateway-state", arrived.payload)
        if not _storable((*state.produced, *_clock_numbers(state.clock))):
            return Refused(gateway, arrived, "contract", f"expected numbers below {LARGEST}")
        return Told(gateway, arrived, state)
    return Refused(gateway, arrived, "not-a-topic", f"no lane is called {what:.40}")


def _read_block(gateway: str, lane: Lane, arrived: Arrived) -> Verdict:
    header, packed = open_block(arrived.payload)
    if header.lane != lane:
        said = f"the topic says {lane.name.lower()}, the block says {header.lane.name.lower()}"
        return Refused(gateway, arrived, "wrong-lane", said)
    if not _storable((header.number,)):
        return Refused(gateway, arrived, "contract", f"expected a block number below {LARGEST}")
    try:
        header_bytes, *_ = decode(arrived.payload)
        groups = records_of(header, packed)
        _check("header", header_bytes)
        _check("records", packed)
    except (WireError, _ContractBroken) as error:
        return Refused(gateway, arrived, _reason(error), str(error), header)
    if not (_storable((*_clock_numbers(header.clock), *_record_numbers(groups))) and _ordered(groups)):
        said = f"expected numbers below {LARGEST} and ranges in order"
        return Refused(gateway, arrived, "contract", said, header)
    return Block(gateway, arrived, header, groups)


def _reason(error: Exception) -> str:
    return "contract" if isinstance(error, _ContractBroken) else "malformed"


def _clock_numbers(clock: BlockClock | None) -> tuple[int, ...]:
    return () if clock is None else (clock.mono_us, clock.utc_us or 0)


def _record_numbers(groups: Iterable[Group]) -> Iterable[int]:
    for group in groups:
        for record in group.records:
            yield record.at // 1000
            if isinstance(record, Gap):
                yield from (record.start // 1000, record.end // 1000)
                yield from (number for pair in record.ranges for number in pair)
            elif isinstance(record, Opened):
                yield from (number for produced in record.ended.values() for number in produced)


def _ordered(groups: Iterable[Group]) -> bool:
    gaps = (record for group in groups for record in group.records if isinstance(record, Gap))
    return all(first <= last for gap in gaps for first, last in gap.ranges)


def _storable(numbers: Iterable[int]) -> bool:
    return all(-LARGEST < number < LARGEST for number in numbers)

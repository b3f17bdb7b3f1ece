"""What a message from a gateway is: pure decisions, made before anything is believed.

    verdict = read(arrived)     # never raises: a message that cannot be used has a verdict too

size → CBOR → checksum → header → records. A block that is whole but cannot be read is kept as it came and
receipted as quarantined, so it stops nothing; one whose checksum is wrong is only counted, for its sender
still has the right copy. What passes is a message of contract.cddl: the readers check every item, and the
tests hold them against a CDDL validator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from devices.errors import Damaged, WireError
from devices.wire import topics
from devices.wire.block import BlockClock, BlockHeader, Lane, open_block, plain_records
from devices.wire.columns import Columns, unpack_columns
from devices.wire.keys import MAX_MESSAGE
from devices.wire.messages import Birth, GatewayState, read_birth, read_gateway_state
from devices.wire.records import Gap, Group, Opened

LARGEST = 2**62
"""Numbers and times (microseconds) above this are nobody's: SQLite's integers end at 2^63."""


class Arrived(NamedTuple):
    """A message as the broker delivered it, `at_us` in the controller's time scale."""

    topic: str
    payload: bytes
    at_us: int
    retained: bool = False
    broker: int = 0
    """The place in the controller's list of the broker where it was heard."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block that can be stored."""

    gateway: str
    arrived: Arrived
    header: BlockHeader
    groups: Sequence[Group | Columns]


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
    except WireError as error:
        return Refused(gateway, arrived, "malformed", str(error))


def _read_message(gateway: str, what: str, arrived: Arrived) -> Verdict:
    if what == "birth":
        return Told(gateway, arrived, read_birth(arrived.payload))
    if what == "state":
        state = read_gateway_state(arrived.payload)
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
        groups = unpack_columns(plain_records(header, packed), header.clock.instant)
    except WireError as error:
        return Refused(gateway, arrived, "malformed", str(error), header)
    if not (_storable((*_clock_numbers(header.clock), *_record_numbers(groups))) and _ordered(groups)):
        said = f"expected numbers below {LARGEST} and ranges in order"
        return Refused(gateway, arrived, "contract", said, header)
    return Block(gateway, arrived, header, groups)


def _clock_numbers(clock: BlockClock | None) -> tuple[int, ...]:
    return () if clock is None else (clock.mono_us, clock.utc_us or 0)


def _record_numbers(groups: Iterable[Group | Columns]) -> Iterable[int]:
    for group in groups:
        if isinstance(group, Columns):
            yield from (min(group.at_us), max(group.at_us))
            continue
        for record in group.records:
            yield record.at // 1000
            if isinstance(record, Gap):
                yield from (record.start // 1000, record.end // 1000)
                yield from (number for pair in record.ranges for number in pair)
            elif isinstance(record, Opened):
                yield from (number for produced in record.ended.values() for number in produced)


def _ordered(groups: Iterable[Group | Columns]) -> bool:
    told = (record for group in groups if isinstance(group, Group) for record in group.records)
    return all(first <= last for gap in told if isinstance(gap, Gap) for first, last in gap.ranges)


def _storable(numbers: Iterable[int]) -> bool:
    return all(-LARGEST < number < LARGEST for number in numbers)

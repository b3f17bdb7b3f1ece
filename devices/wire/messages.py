"""The messages beside blocks: birth, states, receipt. What is signed is in `orders`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import cbor2

from devices.errors import Malformed
from devices.model.metrics import METRICS, by_name
from devices.wire import keys, shapes
from devices.wire.block import BlockClock, Lane, pack_clock, unpack_clock
from devices.wire.ranges import Range
from devices.wire.strict import as_map, decode, is_int


@dataclass(frozen=True, slots=True)
class BirthDevice:
    """A device that a gateway is set up for. `location`: its bed or vehicle as the gateway knows it."""

    device: str
    profile: str
    location: str | None
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Birth:
    """A gateway introduces itself: after connecting, when its devices change, and on request."""

    journal: bytes
    software: str
    devices: tuple[BirthDevice, ...]


@dataclass(frozen=True, slots=True)
class LaneNow:
    """How old the newest receipted block of a lane is (microseconds; None: there is none), how many blocks go
    after what is new (`later`), and in how many seconds they are there at the present rate (None: not known).
    """

    newest_us: int | None
    later: int
    seconds: int | None


@dataclass(frozen=True, slots=True)
class GatewayState:
    """A gateway's condition, retained; with `online` false it is the last will of `journal`.

    `produced`: the next number of each lane of `journal`. `pending`: blocks not yet receipted, all
    journals, by lane; `oldest_us`: the age of the oldest of them, microseconds, None when none. `lanes`: what
    is live of each lane; None where an older gateway does not say it. `first`: device and metric of the
    waveforms that go before others, where the link is too narrow for all.
    """

    online: bool
    journal: bytes
    clock: BlockClock | None
    produced: tuple[int, ...]
    pending: tuple[int, ...] = (0, 0, 0, 0)
    oldest_us: tuple[int | None, ...] = (None, None, None, None)
    counts: Mapping[str, int] | None = None
    lanes: tuple[LaneNow, ...] | None = None
    first: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the controller has for good of one journal and lane: the gateway may forget it."""

    journal: bytes
    lane: Lane
    committed: tuple[Range, ...]
    quarantined: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class ControllerState:
    """The controller's condition, retained. `session` is new at each start."""

    online: bool
    session: bytes
    utc_us: int


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far the controller's audit trail has come, retained: a line that gateways keep unread."""

    line: str


_M = TypeVar("_M")
_NAMES = {metric.number: metric.name for metric in METRICS.values()}

Message = Birth | GatewayState | Receipt | ControllerState | AuditHead


def _device(device: BirthDevice) -> dict[int, Any]:
    return {
        keys.D_DEVICE: device.device,
        keys.D_PROFILE: device.profile,
        keys.D_LOCATION: device.location,
        keys.D_METRICS: [by_name(metric).number for metric in device.metrics],
    }


def _state(message: GatewayState) -> dict[int, Any]:
    state: dict[int, Any] = {
        keys.S_VERSION: keys.CONTRACT_VERSION,
        keys.S_ONLINE: message.online,
        keys.S_JOURNAL: message.journal,
        keys.S_CLOCK: None if message.clock is None else pack_clock(message.clock),
        keys.S_PRODUCED: list(message.produced),
        keys.S_PENDING: list(message.pending),
        keys.S_OLDEST: list(message.oldest_us),
        keys.S_COUNTS: dict(message.counts or {}),
    }
    if message.lanes is not None:
        state[keys.S_LANES] = [[one.newest_us, one.later, one.seconds] for one in message.lanes]
    if message.first:
        state[keys.S_FIRST] = [[device, by_name(metric).number] for device, metric in message.first]
    return state


def pack_message(message: Message) -> bytes:
    """`message` as the contract's CBOR."""
    version = keys.CONTRACT_VERSION
    match message:
        case Birth():
            devices = [_device(device) for device in message.devices]
            head = {keys.B_VERSION: version, keys.B_JOURNAL: message.journal}
            return cbor2.dumps({**head, keys.B_SOFTWARE: message.software, keys.B_DEVICES: devices})
        case GatewayState():
            return cbor2.dumps(_state(message))
        case Receipt():
            head = {keys.A_VERSION: version, keys.A_JOURNAL: message.journal, keys.A_LANE: message.lane}
            ranges = [list(pair) for pair in message.committed]
            quarantined = [list(pair) for pair in message.quarantined]
            return cbor2.dumps({**head, keys.A_COMMITTED: ranges, keys.A_QUARANTINED: quarantined})
        case ControllerState():
            head = {keys.T_VERSION: version, keys.T_ONLINE: message.online}
            return cbor2.dumps({**head, keys.T_SESSION: message.session, keys.T_UTC: message.utc_us})
        case AuditHead():
            return cbor2.dumps({keys.N_VERSION: version, keys.N_HEAD: message.line})


def _versioned(data: bytes) -> dict[int, Any]:
    item = as_map(decode(data))
    shapes.expect_version(item.get(keys.B_VERSION))
    return item


def _ranges(item: Any) -> tuple[Range, ...]:
    pairs = tuple((first, last) for first, last in item)
    if not all(is_int(a, 0, 2**63) and is_int(b, a, 2**63) for a, b in pairs):
        raise Malformed(f"expected ranges of block numbers, got {item!r:.80}")
    return pairs


def _bytes(item: Any, size: int) -> bytes:
    if not isinstance(item, bytes) or len(item) != size:
        raise Malformed(f"expected {size} bytes, got {item!r:.40}")
    return item


_DEVICE_SHAPE = (
    (keys.D_DEVICE, shapes.name, "a device's name"),
    (keys.D_PROFILE, shapes.code, "a profile"),
    (keys.D_LOCATION, shapes.optional(shapes.name), "the name of a bed or a vehicle"),
    (keys.D_METRICS, shapes.each(shapes.uint), "numbers of metrics"),
)
_STATE_SHAPE = (
    (keys.S_ONLINE, shapes.flag, "whether it is online"),
    (keys.S_JOURNAL, shapes.journal, "a journal"),
    (keys.S_PRODUCED, shapes.produced, "the next number of each lane"),
    (keys.S_PENDING, shapes.produced, "a count for each lane"),
    (keys.S_OLDEST, shapes.listed(*[shapes.optional(shapes.uint)] * 4), "an age or null for each lane"),
    (keys.S_COUNTS, shapes.mapping(shapes.any_text, shapes.uint), "counters by name"),
)


_LANE_SHAPE = shapes.listed(shapes.optional(shapes.uint), shapes.uint, shapes.optional(shapes.uint))
_LANES_SHAPE = shapes.listed(*4 * (_LANE_SHAPE,))
_FIRST_SHAPE = shapes.each(shapes.listed(shapes.name, shapes.uint))


def check(item: Mapping[int, Any], shape: tuple[tuple[int, shapes.Check, str], ...]) -> None:
    """Raises Malformed or LookupError unless `item` has each key, and what the shape says there."""
    for key, passes, what in shape:
        shapes.expect(passes, item[key], what)


def _birth(item: dict[int, Any]) -> Birth:
    shapes.expect(shapes.text(64), item[keys.B_SOFTWARE], "the name of the software")
    shapes.expect(shapes.array, item[keys.B_DEVICES], "an array of devices")
    for device in item[keys.B_DEVICES]:
        check(device, _DEVICE_SHAPE)
    devices = tuple(
        BirthDevice(
            d[keys.D_DEVICE],
            d[keys.D_PROFILE],
            d[keys.D_LOCATION],
            tuple(_NAMES[number] for number in d[keys.D_METRICS] if number in _NAMES),
        )
        for d in item[keys.B_DEVICES]
    )
    return Birth(_bytes(item[keys.B_JOURNAL], 8), item[keys.B_SOFTWARE], devices)


def _gateway_state(item: dict[int, Any]) -> GatewayState:
    check(item, _STATE_SHAPE)
    clock, lanes, first = item[keys.S_CLOCK], item.get(keys.S_LANES), item.get(keys.S_FIRST, [])
    shapes.expect(shapes.optional(_LANES_SHAPE), lanes, "what is live of 4 lanes")
    shapes.expect(_FIRST_SHAPE, first, "devices and metrics")
    return GatewayState(
        online=item[keys.S_ONLINE],
        journal=_bytes(item[keys.S_JOURNAL], 8),
        clock=None if clock is None else unpack_clock(clock),
        produced=tuple(item[keys.S_PRODUCED]),
        pending=tuple(item[keys.S_PENDING]),
        oldest_us=tuple(item[keys.S_OLDEST]),
        counts=item[keys.S_COUNTS],
        lanes=None if lanes is None else tuple(LaneNow(*one) for one in lanes),
        first=tuple((device, _NAMES[number]) for device, number in first if number in _NAMES),
    )


def _receipt(item: dict[int, Any]) -> Receipt:
    committed, quarantined = _ranges(item[keys.A_COMMITTED]), _ranges(item[keys.A_QUARANTINED])
    return Receipt(_bytes(item[keys.A_JOURNAL], 8), Lane(item[keys.A_LANE]), committed, quarantined)


def _controller_state(item: dict[int, Any]) -> ControllerState:
    return ControllerState(item[keys.T_ONLINE], _bytes(item[keys.T_SESSION], 8), item[keys.T_UTC])


def _audit_head(item: dict[int, Any]) -> AuditHead:
    shapes.expect(shapes.line, item[keys.N_HEAD], "a signed head in one line of ASCII")
    return AuditHead(item[keys.N_HEAD])


def shaped(kind: str, build: Callable[[dict[int, Any]], _M], data: bytes) -> _M:
    """What `build` makes of the map in `data`, of this version of the contract. Raises WireError."""
    try:
        return build(_versioned(data))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"expected the contract's {kind}: {error!r}") from error


def read_birth(data: bytes) -> Birth:
    """Metrics that this software does not know are left out. Raises WireError."""
    return shaped("birth", _birth, data)


def read_gateway_state(data: bytes) -> GatewayState:
    """Raises WireError."""
    return shaped("gateway-state", _gateway_state, data)


def read_receipt(data: bytes) -> Receipt:
    """Raises WireError."""
    return shaped("receipt", _receipt, data)


def read_controller_state(data: bytes) -> ControllerState:
    """Raises WireError."""
    return shaped("controller-state", _controller_state, data)


def read_audit_head(data: bytes) -> AuditHead:
    """Raises WireError."""
    return shaped("audit-head", _audit_head, data)

"""Poison: what a gateway could publish that must not be taken for good, and what has to become of each.

for name, make in sorted(CATALOGUE.items()):
    poison = make(Scene(rogue, victim_journal, victim_boot))
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import cbor2

from hil.faults.poison_twists import hostile
from hil.faults.poison_waves import BAD_DEFLATED, BAD_WAVES
from hil.faults.rogue import ROGUE, VITAL, Rogue, group
from hil.sims.emitted import now_ns
from hil.ward import GATEWAY

_LARGEST_MESSAGE, _LARGEST_PAYLOAD = 262_144, 524_288
"""Bytes that the contract allows, and that the broker lets through."""


class Fate(Enum):
    """What has to become of a message."""

    QUARANTINED = auto()
    """Kept in quarantine under its block's number, and receipted so."""
    REFUSED = auto()
    """Kept in quarantine without a number, and never receipted."""
    DAMAGED = auto()
    """Counted, not receipted; the whole block counts when it comes."""
    UNKNOWN = auto()
    """A good block whose records this software does not know: kept as they came."""
    COMMITTED = auto()
    """A good block, that must change nothing but what is the poisoner's."""
    DENIED = auto()
    """The broker does not let it through."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A message; `number` is its block's, if one is used up; `whole` what mends a damaged one."""

    topic: str
    payload: bytes
    fate: Fate
    number: int | None = None
    whole: bytes = b""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who poisons, and what is known of the gateway that must not feel it."""

    rogue: Rogue
    journal: bytes
    boot: bytes


Make = Callable[[Scene], Poison]


def _up(what: str, gateway: str = ROGUE) -> str:
    return f"wl/1/{gateway}/up/{what}"


def _refused(what: str, payload: bytes) -> Make:
    return lambda _: Poison(_up(what), payload, Fate.REFUSED)


def _header(header: bytes) -> Make:
    """A block whose checksum is right and whose header is `header`: nobody can say which block it is."""
    good = group([[0, 1, 0, 60, 0, 0]])
    return lambda scene: Poison(_up("vital"), scene.rogue.block(header, good), Fate.REFUSED)


def _changed(changes: dict[int, Any], what: str = "vital") -> Make:
    """A block with another header, never with a number that would be owed."""

    def make(scene: Scene) -> Poison:
        header = scene.rogue.header(0, {2: b"another.", **changes})
        return Poison(_up(what), scene.rogue.block(header, group([[0, 1, 0, 60, 0, 0]])), Fate.REFUSED)

    return make


def _records(records: bytes, fate: Fate = Fate.QUARANTINED, changes: dict[int, Any] | None = None) -> Make:
    """A good header, but for `changes`, and `records` under it."""

    def make(scene: Scene) -> Poison:
        number = scene.rogue.take_number()
        header = scene.rogue.header(number, changes)
        return Poison(_up("vital"), scene.rogue.block(header, records), fate, number)

    return make


def _damaged(place: float) -> Make:
    """A good block with one bit of another value, at that part of its length."""

    def make(scene: Scene) -> Poison:
        number = scene.rogue.take_number()
        whole = scene.rogue.good(number)
        _, records, _ = cbor2.loads(whole)
        # Within the records or the checksum: the strings' own lengths stay right.
        start = whole.index(records)
        index = min(start + int(place * (len(whole) - start)), len(whole) - 1)
        hit = bytearray(whole)
        hit[index] ^= 1
        return Poison(_up("vital"), bytes(hit), Fate.DAMAGED, number, whole)

    return make


def _about_another(record: Callable[[bytes], list[object]]) -> Make:
    """A block of the rogue's that decides on the blocks of another gateway's journal."""

    def make(scene: Scene) -> Poison:
        header = scene.rogue.header(0, {2: b"tattling"})
        records = group([record(scene.journal)], device=None)
        return Poison(_up("vital"), scene.rogue.block(header, records), Fate.REFUSED)

    return make


def _clocked(ahead_us: int, utc_us: int | None = None) -> Make:
    """A block under another's boot, whose clock is so far ahead."""

    def make(scene: Scene) -> Poison:
        number = scene.rogue.take_number()
        mono_us = max(0, now_ns() // 1000 + ahead_us)
        clock = {1: scene.boot, 2: mono_us, 3: utc_us, 4: 0 if utc_us is None else 2, 5: utc_us}
        block = scene.rogue.block(scene.rogue.header(number, {5: clock}), group([[0, 1, 0, 60, 0, 0]]))
        return Poison(_up("vital"), block, Fate.COMMITTED, number)

    return make


def _stolen(number: int) -> Make:
    def make(scene: Scene) -> Poison:
        header = scene.rogue.header(number, {2: scene.journal})
        return Poison(_up("vital"), scene.rogue.block(header, group([[0, 1, 0, 60, 0, 0]])), Fate.REFUSED)

    return make


def _denied(topic: str, payload: Callable[[Scene], bytes] = lambda _: b"\x00") -> Make:
    return lambda scene: Poison(topic, payload(scene), Fate.DENIED)


def _receipt(scene: Scene) -> bytes:
    """It would make the other gateway forget what nobody has."""
    return cbor2.dumps({1: 1, 2: scene.journal, 3: VITAL, 4: [[0, 2**40]], 5: []})


def _state(journal: Callable[[Scene], bytes], produced: list[Any]) -> Make:
    def make(scene: Scene) -> Poison:
        pending = [0, 0, 0, 0]
        body = {1: 1, 2: True, 3: journal(scene), 4: None, 5: produced, 6: pending, 7: [None] * 4, 8: {}}
        return Poison(_up("state"), cbor2.dumps(body), Fate.REFUSED)

    return make


def _stolen_birth(scene: Scene) -> Poison:
    device = {1: "hr-1", 2: "polar-h10", 3: None, 4: [1]}
    return Poison(_up("birth"), cbor2.dumps({1: 1, 2: scene.journal, 3: "rogue", 4: [device]}), Fate.REFUSED)


_TIME = [bytes(16), 0]
_BAD_RECORDS: dict[str, list[object]] = {
    "a kind 7": [7, 0],
    "a kind of -1": [-1, 0],
    "a text for a value": [0, 1, 0, "much", 0, 0],
    "a float for a value": [0, 1, 0, 61.5, 0, 0],
    "NaN for a value": [0, 1, 0, float("nan"), 0, 0],
    "infinity for a time": [0, 1, float("inf"), 60, 0, 0],
    "true for a value": [0, 1, 0, True, 0, 0],
    "an exponent of 99": [0, 1, 0, 60, 99, 0],
    "an exponent of 10^18": [0, 1, 0, 60, 10**18, 0],
    "a quality of 256": [0, 1, 0, 60, 0, 256],
    "a time of 2^63": [0, 1, 2**63, 60, 0, 0],
    "a time of -2^64": [0, 1, -(2**64), 60, 0, 0],
    "a bignum for a value": [0, 1, 0, 2**80, 0, 0],
    "an item too few": [0, 1, 0, 60, 0],
    "an item too many": [0, 1, 0, 60, 0, 0, 0],
    "a reason of 0": [1, 1, 0, 0, 0],
    "a list in a detail": [3, 0, "battery", {"percent": [1]}],
    "a number as a detail's name": [3, 0, "battery", {1: 1}],
    "an event without a name": [3, 0, "", {}],
    "an alert of priority 9": [4, 0, "spo2-low", 9, True, {}],
    "an alert that is 1": [4, 0, "spo2-low", 1, 1, {}],
    "a gap in reverse": [5, 0, b"tattling", 1, [[5, 2]], _TIME, _TIME, "quota"],
    "a gap of a lane 4": [5, 0, b"tattling", 4, [[0, 1]], _TIME, _TIME, "quota"],
    "a gap up to 2^63": [5, 0, b"tattling", 1, [[0, 2**63]], _TIME, _TIME, "quota"],
    "a gap of a short journal": [5, 0, b"short", 1, [[0, 1]], _TIME, _TIME, "quota"],
    "an ending with three lanes": [6, 0, {b"tattling": [1, 2, 3]}],
    "a text for a record": ["reading"],
    "nothing for a record": [],
}
_BAD_GROUPS: dict[str, bytes] = {
    "a number for a device": group([[0, 1, 0, 60, 0, 0]], device=42),
    "a device in capitals": group([[0, 1, 0, 60, 0, 0]], device="HR 1"),
    "a device of 200 letters": group([[0, 1, 0, 60, 0, 0]], device="d" * 200),
    "a bed that is a way up": group([[0, 1, 0, 60, 0, 0]], location="../../etc/passwd"),
    "a device with SQL": group([[0, 1, 0, 60, 0, 0]], device="x'; DROP TABLE observation; --"),
    "a group without records": cbor2.dumps([{1: "x", 2: None}]),
    "a good reading and a bad one": group([[0, 1, 0, 60, 0, 0], [0, 1, 0, None, 0, 0]]),
    "300 good readings and a bad one": group([[0, 1, 0, 60, 0, 0]] * 300 + [[7]]),
}
_BAD_HEADERS: dict[str, dict[int, Any]] = {
    "no version": {1: None},
    "version 2": {1: 2},
    "a journal of 7 bytes": {2: b"seven.."},
    "a journal that is a text": {2: "eight..."},
    "lane 9": {3: 9},
    "no number": {4: None},
    "a number of -1": {4: -1},
    "a number of 2^62": {4: 2**62},
    "a number of 2^64 - 1": {4: 2**64 - 1},
    "a float for a number": {4: 1.0},
    "no clock": {5: None},
    "a clock of -1": {5: {1: bytes(16), 2: -1, 3: None, 4: 0, 5: None}},
    "NaN for a clock": {5: {1: bytes(16), 2: float("nan"), 3: None, 4: 0, 5: None}},
    "1 for whether it is compressed": {6: 1},
    "a short boot": {5: {1: b"boot", 2: 1, 3: None, 4: 0, 5: None}},
}
_UNKNOWN: dict[str, list[object]] = {
    "a metric 60000": [0, 60000, 0, 60, 0, 0],
    "a waveform of metric 60001": [2, 60001, 0, 75000, [1, 0], [0, 0], cbor2.CBORTag(77, bytes(50)), 0],
    "an event teleported": [3, 0, "teleported", {"far": 7}],
    "a reason 201": [1, 1, 0, 201, 0],
}
_FOREIGN: dict[str, Make] = {
    "another's block": _denied(_up("vital", GATEWAY), lambda scene: scene.rogue.good(2**40)),
    "another's birth": _denied(_up("birth", GATEWAY)),
    "another's state": _denied(_up("state", GATEWAY)),
    "another's receipt": _denied(f"wl/1/{GATEWAY}/down/receipt", _receipt),
    "another's command": _denied(f"wl/1/{GATEWAY}/down/command"),
    "another's configuration": _denied(f"wl/1/{GATEWAY}/down/config"),
    "the own receipt": _denied(f"wl/1/{ROGUE}/down/receipt", _receipt),
    "the controller's state": _denied("wl/1/controller/state"),
    "a system topic": _denied("$SYS/REQ/SERVER/PING"),
    "the broker's store": _denied("$JS/API/STREAM/PURGE/$MQTT_msgs"),
    "a later version": _denied(f"wl/2/{ROGUE}/up/vital"),
    "a topic of its own": _denied("somewhere/else"),
    "more than the broker takes": _denied(_up("vital"), lambda _: bytes(_LARGEST_PAYLOAD + 1)),
}
_TOLD_OF_ANOTHER: dict[str, Make] = {
    "a block in another's journal": _stolen(3),
    "a later block in another's journal": _stolen(2**40),
    "a gap in another's journal": _about_another(
        lambda journal: [5, 0, journal, 1, [[0, 2**40]], _TIME, _TIME, "quota"]
    ),
    "an ending of another's journal": _about_another(lambda journal: [6, 0, {journal: [2**40] * 4}]),
    "a state of another's journal": _state(lambda scene: scene.journal, [2**40] * 4),
    "a birth in another's journal": _stolen_birth,
    "another's boot a year ahead": _clocked(31_557_600_000_000),
    "another's boot at its beginning": _clocked(-(2**61)),
    "another's boot in 1970": _clocked(0, utc_us=0),
}
_MESSAGES: dict[str, Make] = {
    "a lane that is none": _refused("fast", b"\x00"),
    "a topic below a lane": _refused("vital/below", b"\x00"),
    "a block on another lane": _changed({}, what="alert"),
    "one byte too many": _refused("vital", bytes(_LARGEST_MESSAGE + 1)),
    "400 kB of text": _refused("wave", cbor2.dumps("x" * 400_000)),
    "a block of two": _refused("vital", cbor2.dumps([b"", b""])),
    "a block of four": _refused("vital", cbor2.dumps([b"", b"", 0, 0])),
    "a block that is a map": _refused("bulk", cbor2.dumps({0: b""})),
    "JSON": _refused("vital", b'{"hr": 61}'),
    "a state of three lanes": _state(lambda scene: scene.rogue.journal, [0, 0, 0]),
    "a state of 2^63 blocks": _state(lambda scene: scene.rogue.journal, [0, 2**63, 0, 0]),
    "a state of NaN blocks": _state(lambda scene: scene.rogue.journal, [0, float("nan"), 0, 0]),
}


def _named(kind: str, made: dict[str, Make]) -> dict[str, Make]:
    return {f"{kind}: {name}": make for name, make in made.items()}


CATALOGUE: dict[str, Make] = {
    **_named("damaged", {f"at {part:.0%}": _damaged(part) for part in (0, 0.2, 0.4, 0.6, 0.8, 1)}),
    **_named("message", _MESSAGES),
    **_named("header", {name: _changed(changes) for name, changes in _BAD_HEADERS.items()}),
    **_named("record", {name: _records(group([record])) for name, record in _BAD_RECORDS.items()}),
    **_named("waveform", {name: _records(group([record])) for name, record in BAD_WAVES.items()}),
    **_named("group", {name: _records(records) for name, records in _BAD_GROUPS.items()}),
    **_named("compressed", {name: _records(raw, changes={6: True}) for name, raw in BAD_DEFLATED.items()}),
    **_named("unknown", {name: _records(group([r]), Fate.UNKNOWN) for name, r in _UNKNOWN.items()}),
    **_named("another", _TOLD_OF_ANOTHER),
    **_named("topic", _FOREIGN),
    **_named("CBOR as a block", {name: _refused("vital", raw) for name, raw in hostile("block").items()}),
    **_named("CBOR as a header", {name: _header(raw) for name, raw in hostile("header").items()}),
    **_named("CBOR as records", {name: _records(raw) for name, raw in hostile("records").items()}),
    **_named("CBOR as a state", {name: _refused("state", raw) for name, raw in hostile("state").items()}),
    **_named("CBOR as a birth", {name: _refused("birth", raw) for name, raw in hostile("birth").items()}),
}

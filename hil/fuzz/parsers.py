"""The readers of what strangers can hand in: signed messages, orders, claims, labels, images.

parser("cose").endure(data)      # raises Broken, and what the reader must not raise

Whatever a reader takes must be what its own writer would write of it: else two readers could disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from controller.errors import BadLabel
from controller.inventory import labels
from devices.errors import BadClaim, WireError
from devices.model.claim import LONGEST, Claim
from devices.wire.cose import (
    COMMAND,
    CONFIGURATION,
    SIGNATURE_BYTES,
    pack_signed,
    protect,
    read_signed,
)
from devices.wire.orders import (
    Command,
    Configuration,
    pack_command,
    pack_configuration,
    read_command,
    read_configuration,
)
from hil.errors import Broken
from hil.fuzz.images import endure_image
from hil.fuzz.images import seeds as images

T = TypeVar("T")

_COMMAND = Command(bytes(range(16)), "set-log-level", {"level": "debug"}, "ward-a", "anna", 1_000, 2_000)
_CONFIGURATION = Configuration(
    "ward-a", 7, "anna", 10**15, {"journal-quota-mb": 500, "lane-dscp": "ef", "log-level": "info"}
)
_CLAIM = Claim("ward-a", "https://10.0.0.5:8443", "mqtts://[fd00::5]:1", "A-_b" * 5 + "Cd", "0f" * 32, 2**31)
_LABELS = (
    "(01)04015672123458(21)A17",
    "]d2010401567212345811250131172701311010LOT7\x1d21A17",
    "]Q1https://id.gs1.org/01/04015672123458/21/A17",
    "]E04015672123458",
    "00:1c:05:ff:e8:74",
    "S/N: 12345-A",
    "Nonin Xpod 3012LP SN 1234",
    "+A123BJC5D6E71G",
)


@dataclass(frozen=True, slots=True)
class Parser:
    """`endure` feeds it bytes; `seeds` are inputs that it takes, or refuses for a good reason."""

    endure: Callable[[bytes], bool]
    """Whether they were taken. Raises Broken, and what the parser must not raise."""
    seeds: Sequence[bytes]


def parser(name: str) -> Parser:
    """By its name in PARSERS. Raises KeyError."""
    return PARSERS[name]


def _cose(data: bytes) -> bool:
    try:
        signed = read_signed(data)
    except WireError:
        return False
    again = pack_signed(signed.protected, signed.payload, signed.signature)
    _same("what was signed", read_signed(again), signed)
    _same("its header", protect(signed.kind, signed.key), signed.protected)
    return True


def _orders(data: bytes) -> bool:
    command, configuration = _taken(read_command, data), _taken(read_configuration, data)
    if command is not None:
        _same("the command", read_command(pack_command(command)), command)
    if configuration is not None:
        _same("the configuration", read_configuration(pack_configuration(configuration)), configuration)
    if command is not None and configuration is not None:
        raise Broken(f"one message is a command and a configuration: {data!r:.200}")
    return command is not None or configuration is not None


def _taken(read: Callable[[bytes], T], data: bytes) -> T | None:
    try:
        return read(data)
    except WireError:
        return None


def _claim(data: bytes) -> bool:
    try:
        claim = Claim.from_text(data.decode("utf-8", "surrogateescape"))
    except BadClaim:
        return False
    text = claim.to_text()
    _same("the claim", Claim.from_text(text), claim)
    if len(text) > LONGEST or not text.isascii() or not text.isprintable():
        raise Broken(f"a claim that no QR code carries: {claim!r:.200}")
    return True


def _label(data: bytes) -> bool:
    try:
        label = labels.read(data.decode("utf-8", "replace"))
    except BadLabel:
        return False
    if label.gtin and not (len(label.gtin) == 14 and label.gtin.isascii() and label.gtin.isdecimal()):
        raise Broken(f"a GTIN has 14 digits: {label!r:.200}")
    if label.address:
        _same("the address", labels.bluetooth_address(label.address), label.address)
    for text in (label.serial, label.lot, label.made, label.expires):
        if not text.isprintable():
            raise Broken(f"what is shown and kept is printable: {label!r:.200}")
    return True


def _same(what: str, came: object, expected: object) -> None:
    if came != expected:
        raise Broken(f"{what} is read differently from our own writing: {came!r:.200}, {expected!r:.200}")


def _signed(kind: str, payload: bytes) -> bytes:
    return pack_signed(protect(kind, bytes(32)), payload, bytes(SIGNATURE_BYTES))


_PAYLOADS = {COMMAND: pack_command(_COMMAND), CONFIGURATION: pack_configuration(_CONFIGURATION)}

PARSERS: Mapping[str, Parser] = {
    "cose": Parser(_cose, [_signed(kind, payload) for kind, payload in _PAYLOADS.items()]),
    "orders": Parser(_orders, list(_PAYLOADS.values())),
    "claim": Parser(_claim, [_CLAIM.to_text().encode()]),
    "labels": Parser(_label, [text.encode() for text in _LABELS]),
    "images": Parser(endure_image, images()),
}
"""By the name that `./run campaign fuzz` takes."""

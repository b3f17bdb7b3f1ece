"""Device Information Service 1.2 (0x180A): who made the device, and which one it is.

Each characteristic is read once after connecting and gives an IDENTITY event with one entry. Devices end
their strings with a NUL or pad them with it, which the specification does not foresee: they are cut there.
"""

from collections.abc import Callable
from functools import partial

from devices.codecs import Said
from devices.codecs.gatt import Fields, ValueCodec, uuid16
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant

SERVICE = uuid16(0x180A)
SYSTEM_ID = uuid16(0x2A23)
STRINGS: dict[str, str] = {
    uuid16(0x2A24): "model",
    uuid16(0x2A25): "serial",
    uuid16(0x2A26): "firmware",
    uuid16(0x2A27): "hardware",
    uuid16(0x2A28): "software",
    uuid16(0x2A29): "manufacturer",
}
"""The string characteristics and the names of their entries."""


def decode_text(data: bytes) -> str:
    """The text of a string characteristic, without padding. Raises BadBytes if it is not printable UTF-8."""
    try:
        text = data.split(b"\0")[0].decode().strip()
    except UnicodeDecodeError:
        raise BadBytes("range", f"expected UTF-8 text, got {data[:40].hex()}") from None
    if not text.isprintable():
        raise BadBytes("range", f"expected printable text, got {text[:40]!r}")
    return text


def encode_text(text: str) -> bytes:
    """The value of a string characteristic."""
    return text.encode()


def decode_system_id(data: bytes) -> str:
    """The System ID (GSS 3.219) as 16 hexadecimal digits, organisation first. Raises BadBytes."""
    return Fields(data).take(8)[::-1].hex()


def encode_system_id(digits: str) -> bytes:
    """The value for 16 hexadecimal digits, organisation first."""
    return bytes.fromhex(digits)[::-1]


class IdentityCodec(ValueCodec):
    """Gives the IDENTITY entry `name` that `decode` finds in a value; nothing for an empty one."""

    def __init__(self, name: str, decode: Callable[[bytes], str]) -> None:
        super().__init__()
        self._name = name
        self._decode = decode

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        text = self._decode(data)
        return [DeviceEvent(EventKind.IDENTITY, now, {self._name: text})] if text else []


CODECS: dict[str, Callable[[], IdentityCodec]] = {
    SYSTEM_ID: partial(IdentityCodec, "system-id", decode_system_id),
    **{uuid: partial(IdentityCodec, name, decode_text) for uuid, name in STRINGS.items()},
}
"""The codec of each characteristic of the service that says something of use."""

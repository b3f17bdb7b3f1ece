"""MDER, the encoding of 20601 (annex F): big-endian numbers, octet strings and lists that tell their length.

A list tells its number of items and its octets. Devices and published examples disagree with themselves
about the number (universAAL/lddi has four for one), so the octets alone decide.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from devices.codecs.ieee11073 import Number, decode_float, decode_sfloat, encode_float, encode_sfloat
from devices.errors import BadBytes

_Item = TypeVar("_Item")


class Reader:
    """Reads fields from the start of `data`. Every method raises BadBytes if there are too few octets."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self.left > 0

    def take(self, size: int) -> bytes:
        """The next `size` octets."""
        if size > self.left:
            raise BadBytes("length", f"expected {size} more octets, got {self.left}")
        start, self._at = self._at, self._at + size
        return self._data[start : self._at]

    @property
    def left(self) -> int:
        """How many octets have not been taken."""
        return len(self._data) - self._at

    def uint(self, size: int) -> int:
        """The next `size` octets as a number."""
        return int.from_bytes(self.take(size), "big")

    def u16(self) -> int:
        """The next two octets as a number."""
        return self.uint(2)

    def u32(self) -> int:
        """The next four octets as a number."""
        return self.uint(4)

    def octets(self) -> bytes:
        """An OCTET STRING, or the octets of an ANY DEFINED BY."""
        return self.take(self.u16())

    def text(self) -> str:
        """An OCTET STRING of characters, without what pads it."""
        return readable(self.octets())

    def sfloat(self) -> Number:
        """An SFLOAT-Type."""
        return decode_sfloat(self.take(2)[::-1])

    def float32(self) -> Number:
        """A FLOAT-Type."""
        return decode_float(self.take(4)[::-1])

    def items(self, item: Callable[["Reader"], _Item]) -> Iterator[_Item]:
        """Each item of a list, as `item` reads it."""
        self.u16()
        inner = Reader(self.octets())
        while inner:
            yield item(inner)


def readable(data: bytes) -> str:
    """`data` as text: no zeros and spaces around it, every octet that is no printable ASCII as a dot."""
    text = data.strip(b"\0 \t\r\n")
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in text)


def attributes(reader: Reader) -> dict[int, bytes]:
    """An AttributeList: values by attribute id."""
    return dict(reader.items(lambda inner: (inner.u16(), inner.octets())))


def u16(number: int) -> bytes:
    """`number` in two octets."""
    return number.to_bytes(2, "big")


def u32(number: int) -> bytes:
    """`number` in four octets."""
    return number.to_bytes(4, "big")


def octets(data: bytes) -> bytes:
    """An OCTET STRING."""
    return u16(len(data)) + data


def listed(items: Iterable[bytes]) -> bytes:
    """A list of encoded items."""
    every = list(items)
    return u16(len(every)) + octets(b"".join(every))


def attribute_list(values: Iterable[tuple[int, bytes]]) -> bytes:
    """An AttributeList."""
    return listed(u16(attribute) + octets(value) for attribute, value in values)


def sfloat(number: Number) -> bytes:
    """An SFLOAT-Type. Raises ValueError if it cannot be told exactly."""
    return encode_sfloat(number)[::-1]


def float32(number: Number) -> bytes:
    """A FLOAT-Type. Raises ValueError if it cannot be told exactly."""
    return encode_float(number)[::-1]

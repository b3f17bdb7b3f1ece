"""Specific Character Set (0008,0005): how the text of a data set is decoded (PS3.3 C.12.1.1.2, PS3.5 6.1)."""

import codecs
from collections.abc import Callable
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes

Decode = Callable[[bytes], str]

_ONE: Final = {
    "": "ascii", "ISO_IR 6": "ascii", "ISO 2022 IR 6": "ascii",
    "ISO_IR 100": "latin-1", "ISO_IR 101": "iso8859-2", "ISO_IR 109": "iso8859-3", "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6", "ISO_IR 126": "iso8859-7", "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9", "ISO_IR 203": "iso8859-15", "ISO_IR 166": "iso8859-11",
    "ISO_IR 13": "shift_jis", "ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk",
}  # fmt: skip
"""Character sets without code extensions: one codec decodes all of a value."""
_DELIMITERS: Final = frozenset(b"\r\n\t\f\\^=")
"""After each of them the initial character set is active again (PS3.5, 6.1.2.5.3)."""


def _by(codec: str) -> Decode:
    decode = codecs.lookup(codec).decode
    if codec == "ascii":  # undeclared eight-bit text is common: kept readable, one character a byte
        return lambda value: value.decode("ascii") if value.isascii() else value.decode("latin-1")
    return lambda value: decode(value, "replace")[0]


_DECODERS: Final = {name: _by(codec) for name, codec in _ONE.items()}
DEFAULT: Final = _DECODERS[""]


def decoder(names: list[str]) -> Decode:
    """How text is decoded after the values `names` of Specific Character Set. What is unknown is the default
    repertoire: a wrong name is no reason to lose an image."""
    if len(names) == 1 and names[0] in _DECODERS:
        return _DECODERS[names[0]]
    if not names:
        return DEFAULT
    try:
        encodings = convert_encodings(list(names))
    except (LookupError, ValueError):
        return DEFAULT
    return lambda value: (
        value.decode("ascii") if _plain(value) else decode_bytes(value, encodings, set(_DELIMITERS))
    )


def _plain(value: bytes) -> bool:
    return value.isascii() and b"\x1b" not in value

"""Specific Character Set (0008,0005): how the text of a data set is decoded (PS3.3 C.12.1.1.2, PS3.5 6.1).

The tables are pydicom's. Its functions are not used: they warn and log with words of the file, which may be a
patient's, once for each name; and they take any codec of Python's for a character set.
"""

import codecs
import re
from collections.abc import Callable, Sequence
from typing import Final

from pydicom.charset import (
    CODES_TO_ENCODINGS,
    STAND_ALONE_ENCODINGS,
    default_encoding,
    handled_encodings,
    python_encoding,
)

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
_DELIMITERS: Final = re.compile(rb"[\r\n\t\f\\^=]")
"""After each of them the initial character set is active again (PS3.5, 6.1.2.5.3)."""
_STRETCHES: Final = re.compile(rb"^[^\x1b]+|\x1b[^\x1b]*")
_MISSPELT: Final = re.compile(r"ISO[^_]IR|ISO.2022.IR.")


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
    first, *others = (_spelt(name) for name in names)
    extensions = others if first not in STAND_ALONE_ENCODINGS else []
    terms = [first, *(term for term in extensions if term not in STAND_ALONE_ENCODINGS)]
    encodings = [python_encoding.get(term, default_encoding) for term in terms]
    return lambda value: value.decode("ascii") if _plain(value) else _extended(value, encodings)


def _spelt(name: str) -> str:
    """Common slips put right: "ISO-IR 100", "ISO-2022-IR-87"."""
    if not _MISSPELT.match(name):
        return name
    return f"ISO_IR{name[6:]}" if name[4:6] == "IR" else f"ISO 2022 IR {name[12:]}"


def _extended(value: bytes, encodings: Sequence[str]) -> str:
    """Text with code extensions (PS3.5, 6.1.2.5): each escape sequence says what follows it."""
    return "".join(_stretch(part, encodings) for part in _STRETCHES.findall(value))


def _stretch(part: bytes, encodings: Sequence[str]) -> str:
    """`part` may begin with an escape sequence; of one that the file did not announce nothing is believed."""
    initial = encodings[0]
    size = 4 if part.startswith((b"\x1b$(", b"\x1b$)")) else 3
    encoding = CODES_TO_ENCODINGS.get(part[:size], "")
    if encoding not in encodings and encoding != default_encoding:
        return part.decode(initial, "replace")
    if encoding in handled_encodings:  # by Python, with its escape sequences
        return part.decode(encoding, "replace")
    found = _DELIMITERS.search(part, size)
    end = found.start() if found else len(part)
    return part[size:end].decode(encoding, "replace") + part[end:].decode(initial, "replace")


def _plain(value: bytes) -> bool:
    return value.isascii() and b"\x1b" not in value

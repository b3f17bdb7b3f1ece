"""Names of tags as DICOM JSON writes them, and the VR where the file does not say it (PS3.6, PS3.5 A.1).

The tables are pydicom's; they are turned over once, at import.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import private_dictionary_VR

_AMBIGUOUS: Final = {
    "OB or OW": "OW",
    "US or OW": "OW",
    "US or SS or OW": "OW",
    "US or SS": "US",
    "NONE": "UN",
}
"""In implicit VR pixel and LUT data are OW (PS3.5, A.1). `US or SS` becomes SS by SIGNED, later."""


def _known(vr: str) -> str:
    return _AMBIGUOUS.get(vr, vr)


VR_OF: Final[Mapping[int, str]] = {tag: _known(entry[0]) for tag, entry in DicomDictionary.items()}
SIGNED: Final = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0].startswith("US or SS"))
"""US, or SS when Pixel Representation (0028,0103) is 1."""
_REPEATING: Final = tuple(
    (
        int(mask.replace("x", "0"), 16),
        int("".join("0" if c == "x" else "F" for c in mask), 16),
        _known(entry[0]),
    )
    for mask, entry in RepeatersDictionary.items()
)


def key_of(tag: int) -> str:
    """The tag as PS3.18 F.2.2 writes it: eight hexadecimal digits, upper case."""
    return f"{tag:08X}"


def _raw_keys(order: str) -> dict[bytes, tuple[int, str]]:
    layout = struct.Struct(order + "HH")
    return {layout.pack(tag >> 16, tag & 0xFFFF): (tag, key_of(tag)) for tag in DicomDictionary}


RAW_KEYS: Final[Mapping[str, Mapping[bytes, tuple[int, str]]]] = {order: _raw_keys(order) for order in "<>"}
"""By byte order and the four bytes in the file: tag and key. Complete for PS3.6 and never grows."""


def vr_of(tag: int, creator: str | None) -> str:
    """The VR of `tag`; `creator` owns its block, if it is private. UN: nobody knows."""
    found = VR_OF.get(tag)
    if found is not None:
        return found
    group, element = tag >> 16, tag & 0xFFFF
    if element == 0:
        return "UL"
    if group & 1:
        if 0x10 <= element <= 0xFF:
            return "LO"  # the private creator itself (PS3.5, 7.8.1)
        return "UN" if creator is None else _private(tag, creator)
    return next((vr for value, mask, vr in _REPEATING if tag & mask == value), "UN")


@lru_cache(4096)
def _private(tag: int, creator: str) -> str:
    try:
        return _known(private_dictionary_VR(tag, creator))
    except KeyError:
        return "UN"

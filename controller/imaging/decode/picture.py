"""What a data set says about its pixels (PS3.3, C.7.6.3 Image Pixel, C.11.1 Modality LUT, C.11.2 VOI LUT)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from struct import pack
from typing import Any, Final, cast

import orjson

from controller.imaging.dicom.elements import DataSet
from controller.imaging.dicom.part10 import BIG_ENDIAN, Instance
from controller.imaging.dicom.values import inline, little
from controller.imaging.errors import CannotDecode

PIXEL_KEYS: Final[tuple[str, ...]] = (
    "00280002", "00280004", "00280006", "00280008", "00280010", "00280011", "00280034",
    "00280100", "00280101", "00280102", "00280103", "00280120", "00280121",
    "00281050", "00281051", "00281052", "00281053", "00281056",
    "00281101", "00281102", "00281103", "00281201", "00281202", "00281203",
    "00281221", "00281222", "00281223", "00283000", "00283010", "20500020", "52009229",
    "7FE00008", "7FE00009", "7FE00010",
)  # fmt: skip
"""The elements from which `picture` is made."""
LARGEST_FRAME: Final = 256 << 20
"""Bytes of one frame's stored values; a larger one is not decoded."""
QUALITY: Final = 90
"""Of JPEG, when nobody says another."""
_FLOATS: Final = {"7FE00008": 32, "7FE00009": 64}


@dataclass(frozen=True, slots=True)
class Lut:
    """A look-up table of a data set (PS3.3, C.11.1.1, C.7.6.3.1.5)."""

    entries: int
    first: int
    """The stored value of the first entry."""
    bits: int
    """Of each entry, as its descriptor says."""
    data: str
    """Base64 of little-endian words (or bytes)."""
    segmented: bool = False
    """Whether `data` are segments (C.7.9.2)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """How the stored values of an instance's frames are arranged and what they mean."""

    rows: int
    columns: int
    samples: int
    photometric: str
    allocated: int
    """Bits allocated."""
    stored: int
    """Bits stored."""
    high: int
    """High bit."""
    signed: bool
    planar: bool
    """Colour by plane in native pixel data."""
    frames: int
    floating: bool = False
    words: bool = False
    """OW: the big endian transfer syntax swaps its bytes."""
    slope: float = 1.0
    intercept: float = 0.0
    windows: Sequence[tuple[float, float]] = ()
    """Centre and width, in units after slope and intercept."""
    function: str = "LINEAR"
    """LINEAR, LINEAR_EXACT, SIGMOID (C.11.2.1.3)."""
    modality_lut: Lut | None = None
    voi_lut: Lut | None = None
    palette: Sequence[Lut] = ()
    """Red, green, blue."""
    padding: tuple[int, int] | None = None
    """Stored values that are no picture: lowest and highest (C.7.5.1.1.2)."""
    inverse: bool = False
    """Presentation LUT Shape INVERSE (C.11.6)."""
    aspect: float = 1.0
    """A pixel's height by its width (C.7.6.3.1.7)."""
    enhanced: bool = False
    """Multi-frame functional groups: what belongs to a frame is in the whole data set, not in PIXEL_KEYS."""

    @property
    def frame_bits(self) -> int:
        """Bits of one frame of native pixel data."""
        samples = 2 if self.photometric == "YBR_FULL_422" and self.samples == 3 else self.samples
        return self.rows * self.columns * samples * self.allocated


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as the file has it: native bytes, or its fragments one after the other."""

    data: bytes
    syntax: str
    """Transfer Syntax UID."""
    picture: Picture


class Media(StrEnum):
    """What a picture can be encoded in."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"


@dataclass(frozen=True, slots=True)
class Rendering:
    """How a frame is to be shown (PS3.18, 8.3.5)."""

    media: Media = Media.JPEG
    quality: int = QUALITY
    """Of JPEG, 1 … 100."""
    window: tuple[float, float, str] | None = None
    """Centre, width, function; without it, the picture's first, its VOI LUT, or all values there are."""
    viewport: tuple[int, int] | None = None
    """Largest width and height, pixels; without it, the size of the source."""
    source: tuple[int, int, int, int] | None = None
    """Left, top, width, height of the part shown, pixels of the source; negative: mirrored."""
    enlarge: bool = True
    """Whether a small picture fills the viewport."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """The first values of a data set's elements."""

    data_set: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def values(self, key: str) -> list[Any]:
        element = self.data_set.get(key)
        return element.get("Value") or [] if isinstance(element, dict) else []  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def whole(self, key: str, otherwise: int) -> int:
        values = self.values(key)
        return values[0] if values and isinstance(values[0], int) else otherwise

    def text(self, key: str) -> str:
        values = self.values(key)
        return values[0] if values and isinstance(values[0], str) else ""

    def reals(self, key: str) -> list[float]:
        return [float(value) for value in self.values(key) if isinstance(value, int | float)]

    def items(self, key: str) -> list["_Reader"]:
        return [_Reader(cast(dict[str, Any], item)) for item in self.values(key) if isinstance(item, dict)]

    def lut(self, descriptor: str, data: str, segments: str = "") -> Lut | None:
        described = self.values(descriptor)
        if len(described) < 3 or not all(isinstance(value, int) for value in described):
            return None
        if content := self._binary(data):
            return Lut(described[0] or 65536, described[1], described[2], content)
        content = self._binary(segments) if segments else ""
        return (
            Lut(described[0] or 65536, described[1], described[2], content, segmented=True)
            if content
            else None
        )

    def _binary(self, key: str) -> str:
        element = self.data_set.get(key) or {}
        if "InlineBinary" in element:
            return element["InlineBinary"]
        values = self.values(key)
        return inline(pack(f"<{len(values)}H", *(value & 0xFFFF for value in values))) if values else ""


def pixel_json(instance: Instance) -> bytes | None:
    """What the archive keeps for `picture`: PIXEL_KEYS of the data set, look-up tables in line.

    None: there is no pixel data.
    """
    if instance.pixels is None:
        return None
    kept: DataSet = {key: instance.data_set[key] for key in PIXEL_KEYS if key in instance.data_set}
    tables = [bulk for bulk in instance.bulk if bulk.length <= 1 << 17 and bulk.path[:8] in kept]
    tables = [bulk for bulk in tables if not bulk.path.startswith("7FE0")]
    if tables:
        kept = orjson.loads(orjson.dumps(kept))  # the instance stays as it was read
    for bulk in tables:
        *above, last = bulk.path.split("/")
        place = kept
        for key, item in zip(above[::2], above[1::2], strict=True):
            place = place[key]["Value"][int(item) - 1]
        value = bytes(instance.content[bulk.offset : bulk.offset + bulk.length])
        value = little(value, "OW") if instance.transfer_syntax == BIG_ENDIAN else value
        place[last] = {"vr": "OW", "InlineBinary": inline(value)}
    return orjson.dumps(kept)


def picture(pixel: bytes | Mapping[str, Any], frame: int = 1) -> Picture:
    """From the DICOM JSON of PIXEL_KEYS, or of a whole data set; `frame` from 1 matters to the latter only.

    Raises CannotDecode: there are no pixel data, or they cannot be as they are described.
    """
    top = _Reader(orjson.loads(pixel) if isinstance(pixel, bytes) else pixel)
    floating = next((bits for key, bits in _FLOATS.items() if key in top.data_set), 0)
    if not floating and "7FE00010" not in top.data_set:
        raise CannotDecode("expected pixel data (7FE0,0010), there are none")
    allocated = floating or top.whole("00280100", 0)
    stored = floating or top.whole("00280101", allocated)
    shared, each = top.items("52009229"), top.items("52009230")
    groups = [*each[frame - 1 : frame], *shared]
    transform, shown = _group(groups, "00289145", top), _group(groups, "00289132", top)
    found = Picture(
        rows=top.whole("00280010", 0),
        columns=top.whole("00280011", 0),
        samples=top.whole("00280002", 1),
        photometric=top.text("00280004") or "MONOCHROME2",
        allocated=allocated,
        stored=stored,
        high=top.whole("00280102", stored - 1),
        signed=top.whole("00280103", 0) == 1,
        planar=top.whole("00280006", 0) == 1,
        frames=max(top.whole("00280008", 1), 1),
        floating=bool(floating),
        words=top.data_set.get("7FE00010", {}).get("vr") == "OW",
        **_values(top, transform, shown),
        enhanced=bool(shared) and not each,
    )
    _check(found)
    return found


def _group(groups: Sequence[_Reader], key: str, otherwise: _Reader) -> _Reader:
    """The functional group of a frame: its own, the shared one, or the data set itself (C.7.6.16)."""
    return next((items[0] for group in groups if (items := group.items(key))), otherwise)


def _values(top: _Reader, transform: _Reader, shown: _Reader) -> dict[str, Any]:
    """What stored values mean and how they are shown."""
    slope, intercept = transform.reals("00281053"), transform.reals("00281052")
    windows = zip(shown.reals("00281050"), shown.reals("00281051"), strict=False)
    palette = [top.lut(f"0028110{n}", f"0028120{n}", f"0028122{n}") for n in (1, 2, 3)]
    modality = [item.lut("00283002", "00283006") for item in top.items("00283000")]
    voi = [item.lut("00283002", "00283006") for item in shown.items("00283010")]
    aspect = [number for number in top.reals("00280034") if number > 0]
    padding = [value for key in ("00280120", "00280121") for value in top.values(key)[:1]]
    return {
        "slope": (slope or [1.0])[0],
        "intercept": (intercept or [0.0])[0],
        "windows": tuple(window for window in windows if window[1] > 0),
        "function": shown.text("00281056") or "LINEAR",
        "modality_lut": (modality or [None])[0],
        "voi_lut": (voi or [None])[0],
        "palette": tuple(lut for lut in palette if lut),
        "padding": (min(padding), max(padding))
        if padding and all(isinstance(one, int) for one in padding)
        else None,
        "inverse": top.text("20500020") == "INVERSE",
        "aspect": min(max(aspect[0] / aspect[1], 0.1), 10.0) if len(aspect) == 2 else 1.0,
    }


def _check(found: Picture) -> None:
    """Raises CannotDecode before anything is allocated for what cannot be."""
    if not (0 < found.rows <= 65535 and 0 < found.columns <= 65535):
        raise CannotDecode(f"expected 1 … 65535 rows and columns, got {found.rows} × {found.columns}")
    if found.samples not in (1, 3):
        raise CannotDecode(f"expected 1 or 3 samples per pixel, got {found.samples}")
    if found.allocated not in (1, 8, 16, 32, 64) or not 0 < found.stored <= found.allocated:
        raise CannotDecode(
            f"expected 1, 8, 16 or 32 bits allocated, got {found.allocated} for {found.stored} stored"
        )
    if not found.stored - 1 <= found.high < found.allocated:
        raise CannotDecode(f"expected a high bit of {found.stored - 1} or more, got {found.high}")
    if found.frame_bits > LARGEST_FRAME * 8:
        raise CannotDecode(f"expected a frame of at most {LARGEST_FRAME} bytes, got {found.frame_bits // 8}")

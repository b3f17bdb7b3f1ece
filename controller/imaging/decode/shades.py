"""Stored values → what is seen, 8 bits: grey or RGB (PS3.3, C.7.6.3.1.2, C.7.9, C.11.1, C.11.2; PS3.4, N.2).

Overlay planes, presentation states and colour profiles are not applied.
"""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from controller.imaging.decode.codecs import Values, tidy
from controller.imaging.decode.picture import Lut, Picture
from controller.imaging.errors import CannotDecode

Bytes = NDArray[np.uint8]
Floats = NDArray[Any]
Curve = Callable[[Floats], Floats]
"""Values after the modality LUT → 0 … 255."""
_TABLE: Final = 1 << 17
"""Values between the lowest and the highest for which a table is quicker than arithmetic on each pixel."""
_SHORT: Final = 1 << 12
_YBR: Final = np.array([[1, 1, 1], [0, -0.344136, 1.772], [1.402, -0.714136, 0]], np.float32)
"""Y, Cb, Cr by R, G, B (C.7.6.3.1.2, YBR_FULL)."""


def shades(
    values: Values, photometric: str, picture: Picture, window: tuple[float, float, str] | None
) -> Bytes:
    """rows × columns of grey or rows × columns × 3 of RGB. Raises CannotDecode: a palette is missing."""
    if values.ndim == 3:
        return rgb(_eight(tidy(values, picture), picture), photometric)
    if photometric == "PALETTE COLOR":
        return _palette(tidy(values, picture), picture)
    return _grey(tidy(values, picture), photometric, picture, window)


def rgb(values: Values, photometric: str) -> Values:
    """Colour of 8 bits as RGB."""
    if photometric not in ("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422"):
        return values
    ycc = values.astype(np.float32)
    if photometric == "YBR_PARTIAL_422":
        ycc = (ycc - (16, 128, 128)) * (255 / 219, 255 / 224, 255 / 224) + (0, 128, 128)
    ycc[..., 1:] -= 128
    return np.clip(np.rint(ycc @ _YBR), 0, 255).astype(np.uint8)


def _eight(values: Values, picture: Picture) -> Bytes:
    """Colour with more bits, by its highest eight."""
    if picture.stored == 8 and not picture.signed:
        return values.astype(np.uint8, copy=False)
    lowest = -(1 << picture.stored - 1) if picture.signed else 0
    scaled = (values.astype(np.float32) - lowest) * (255 / ((1 << picture.stored) - 1))
    return np.rint(scaled).astype(np.uint8)


def _grey(
    values: Values, photometric: str, picture: Picture, window: tuple[float, float, str] | None
) -> Bytes:
    if picture.floating:
        values = np.nan_to_num(values, nan=0.0)
    lowest, highest = values.min(), values.max()
    curve = _curve(values, picture, window)
    dark = (photometric == "MONOCHROME1") != picture.inverse

    def shown(stored: Floats) -> Bytes:
        grey = np.clip(curve(_modality(stored, picture)), 0, 255).astype(np.uint8)
        return 255 - grey if dark else grey

    if picture.floating or int(highest) - int(lowest) > min(_TABLE, max(values.size, _SHORT)):
        return _without_padding(shown(values.astype(np.float64)), values, picture)
    steps = np.arange(int(lowest), int(highest) + 1)
    table = _without_padding(shown(steps.astype(np.float64)), steps, picture)
    return table[_places(values, int(lowest))]


def _places(values: Values, lowest: int) -> Values:
    """Where each value is in a table that begins at `lowest`."""
    if not lowest:
        return values
    width = values.dtype.itemsize  # the difference fits without sign, whatever wraps on the way
    return values.view(f"u{width}") - np.array(lowest & (1 << 8 * width) - 1, f"u{width}")


def _without_padding(grey: Bytes, stored: Values, picture: Picture) -> Bytes:
    """Padding is black (C.7.5.1.1.2)."""
    if picture.padding:
        grey[(stored >= picture.padding[0]) & (stored <= picture.padding[1])] = 0
    return grey


def _modality(stored: Floats, picture: Picture) -> Floats:
    if picture.modality_lut:
        return _looked_up(picture.modality_lut, stored)
    return stored * picture.slope + picture.intercept


def _curve(values: Values, picture: Picture, window: tuple[float, float, str] | None) -> Curve:
    """What is asked for, else the first window, the VOI LUT, or from the lowest to the highest value."""
    if window is None and picture.windows:
        window = (*picture.windows[0], picture.function)
    if window:
        return _window(*window)
    if lut := picture.voi_lut:
        most = (1 << lut.bits) - 1
        return lambda real: np.rint(_looked_up(lut, real) * (255 / most))
    if picture.stored == 1:
        return lambda real: real * 255.0
    seen = values
    if picture.padding:
        seen = values[(values < picture.padding[0]) | (values > picture.padding[1])]
    ends = _modality(np.array([seen.min(), seen.max()] if seen.size else [0, 0], np.float64), picture)
    low, high = min(ends), max(ends)
    return lambda real: np.rint((real - low) * (255 / ((high - low) or 1)))


def _window(center: float, width: float, function: str) -> Curve:
    """C.11.2.1.2 LINEAR, C.11.2.1.3.1 SIGMOID, C.11.2.1.3.2 LINEAR_EXACT."""
    if function == "SIGMOID":
        return lambda real: np.rint(255 / (1 + np.exp(np.clip(-4 * (real - center) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return lambda real: np.rint(((real - center) / width + 0.5) * 255)
    if width <= 1:
        return lambda real: np.where(real <= center - 0.5, 0.0, 255.0)
    return lambda real: np.rint(((real - (center - 0.5)) / (width - 1) + 0.5) * 255)


def _looked_up(lut: Lut, values: Floats) -> Floats:
    """Values below the first entry get the first, those above the last get the last (C.11.1.1)."""
    table = _entries(lut)
    return table[np.clip(np.rint(values) - lut.first, 0, len(table) - 1).astype(np.intp)].astype(np.float64)


def _palette(values: Values, picture: Picture) -> Bytes:
    if len(picture.palette) != 3:
        raise CannotDecode("PALETTE COLOR: expected red, green and blue look-up tables, they are not there")
    planes: list[Values] = []
    for lut in picture.palette:
        table = _entries(lut)
        eight = table if lut.bits <= 8 else table >> 8
        places = np.clip(values.astype(np.int64) - lut.first, 0, len(table) - 1)
        planes.append(eight[places].astype(np.uint8))
    return np.stack(planes, axis=-1)


def _entries(lut: Lut) -> NDArray[np.uint16]:
    """The table's values; eight bits each, in words or (some devices) in bytes."""
    data = b64decode(lut.data)
    if lut.segmented:
        return _segments(np.frombuffer(data[: len(data) // 2 * 2], "<u2"), lut.entries)
    narrow = lut.bits <= 8 and len(data) < 2 * lut.entries
    table = np.frombuffer(data, np.uint8) if narrow else np.frombuffer(data[: len(data) // 2 * 2], "<u2")
    if not table.size:
        raise CannotDecode("expected a look-up table, it is empty")
    return table[: lut.entries].astype(np.uint16)


def _segments(words: Values, entries: int) -> NDArray[np.uint16]:
    """C.7.9.2: discrete (0), linear (1), indirect (2) segments."""
    found: list[int] = []
    _append(found, words.tolist(), 0, len(words), entries, deep=False)
    if not found:
        raise CannotDecode("expected a segmented look-up table, it is empty")
    return np.array(found[:entries], np.uint16)


def _append(found: list[int], words: list[int], at: int, end: int, entries: int, *, deep: bool) -> None:
    """The segments in [at, end); an indirect one is followed once."""
    while at + 1 < end and len(found) < entries:
        kind, length = words[at], words[at + 1]
        if kind == 0:
            found += words[at + 2 : at + 2 + length]
            at += 2 + length
        elif kind == 1 and found and at + 2 < len(words):
            found += np.rint(np.linspace(found[-1], words[at + 2], length + 1)[1:]).astype(int).tolist()
            at += 3
        elif kind == 2 and not deep and at + 3 < len(words):
            place = (words[at + 2] | words[at + 3] << 16) // 2
            for _ in range(length):
                step = 2 + words[place + 1] if place + 1 < len(words) and words[place] == 0 else 3
                _append(found, words, place, min(place + step, len(words)), entries, deep=True)
                place += step
            at += 4
        else:
            raise CannotDecode(f"segmented look-up table: segment {kind} cannot be at word {at}")

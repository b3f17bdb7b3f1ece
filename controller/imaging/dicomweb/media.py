"""What a client accepts, and the form that is chosen for it (PS3.18, 8.7; RFC 9110, 12.5.1). Pure.

accepted = read_accept('multipart/related; type="application/dicom"; transfer-syntax=*')
form = for_instance(accepted, stored="1.2.840.10008.1.2.4.70")      # Form(media_type, syntax, related)
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from controller.imaging.decode.syntaxes import BIG_ENDIAN, DECODES, ENCODES, EXPLICIT, IMPLICIT, NATIVE
from controller.imaging.decode.syntaxes import LOSSY as LOSING
from controller.imaging.errors import NotAcceptable

DICOM: Final = "application/dicom"
JSON: Final = "application/dicom+json"
OCTETS: Final = "application/octet-stream"
LOSSLESS: Final = ENCODES - LOSING
"""Transfer syntaxes that an instance is converted to."""
_JPEG, _VIDEO = "image/jpeg", "video/mp4"
_BASE = "1.2.840.10008.1.2.4."
MEDIA_OF: Final = {
    **dict.fromkeys((_BASE + last for last in ("50", "51", "57", "70")), _JPEG),
    **dict.fromkeys((_BASE + last for last in ("80", "81")), "image/jls"),
    **dict.fromkeys((_BASE + last for last in ("90", "91")), "image/jp2"),
    **dict.fromkeys((_BASE + last for last in ("92", "93")), "image/jpx"),
    **dict.fromkeys((_BASE + last for last in ("110", "111", "112")), "image/jxl"),
    **dict.fromkeys((_BASE + last for last in ("201", "202", "203")), "image/jphc"),
    "1.2.840.10008.1.2.5": "image/dicom-rle",
    **dict.fromkeys((_BASE + last for last in ("100", "100.1", "101", "101.1")), "video/mpeg"),
    **dict.fromkeys((_BASE + last for last in ("102", "102.1", "103", "103.1", "104", "104.1")), _VIDEO),
    **dict.fromkeys((_BASE + last for last in ("105", "105.1", "106", "106.1", "107", "108")), _VIDEO),
}
"""Media types of compressed bulk data by transfer syntax (table 8.7.3-5)."""
LOSSY: Final = frozenset(
    {_BASE + last for last in ("50", "51", "81", "91", "93", "112", "203")}
    | {syntax for syntax, media in MEDIA_OF.items() if media.startswith("video/")}
)
"""What is stored so is given as it is when nothing else is asked for (8.7.3)."""
_DEFAULT: Final = {
    "image/jpeg": _BASE + "70",
    "image/jls": _BASE + "80",
    "image/jp2": _BASE + "90",
    "image/jpx": _BASE + "92",
    "image/jxl": _BASE + "110",
    "image/jphc": _BASE + "201",
    "image/dicom-rle": "1.2.840.10008.1.2.5",
}
"""The transfer syntax of a media type that names none (table 8.7.3-5, "D")."""
_OLD_NAMES: Final = {"image/x-jls": "image/jls", "image/x-dicom-rle": "image/dicom-rle"}
_PART: Final = re.compile(r'((?:[^,"]|"(?:[^"\\]|\\.)*")+)')
_PARAMETER: Final = re.compile(r';\s*([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+", re.ASCII)
_SYNTAX: Final = re.compile(r"\*?|[0-9.]{1,64}")
_LONGEST: Final = 8190


@dataclass(frozen=True, slots=True)
class Range:
    """A media range of an Accept header."""

    media_type: str
    """"image/jpeg", "image/*", "*/*": that of the parts, if it is multipart/related."""
    related: bool
    """Whether it is asked for as multipart/related."""
    syntax: str
    """Of transfer-syntax: a UID, "*", or "" when it is not said."""
    quality: float

    def takes(self, media_type: str) -> bool:
        """Whether `media_type` is in the range."""
        kind, _, rest = self.media_type.partition("/")
        return self.media_type in ("*/*", media_type) or (rest == "*" and media_type.startswith(f"{kind}/"))


@dataclass(frozen=True, slots=True)
class Form:
    """How something is given."""

    media_type: str
    syntax: str
    """Transfer Syntax UID; "" of what has none."""
    related: bool
    """As multipart/related; else as the only content."""

    @property
    def part_type(self) -> str:
        """The Content-Type of a part: with its transfer syntax, which the standard asks for of all but the
        default (8.7.3.4)."""
        return f"{self.media_type}; transfer-syntax={self.syntax}" if self.syntax else self.media_type


@lru_cache(256)
def read_accept(header: str, query: str = "") -> Sequence[Range]:
    """The ranges of an Accept header, or of the query parameter `accept`, which counts first (8.3.3.1); most
    wanted first. Without any, all is accepted. What cannot be read is left out, as 8.7.7 asks."""
    parts = (part for text in (query, header) for part in _PART.findall(text[:_LONGEST]))
    ranges = [found for part in parts if (found := _range(part)) is not None]
    if not ranges:
        return (Range("*/*", False, "", 1.0),)
    return tuple(sorted((r for r in ranges if r.quality > 0), key=lambda one: -one.quality))


def _range(text: str) -> Range | None:
    media_type, _, rest = text.partition(";")
    media_type = media_type.strip().lower()
    parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(f";{rest}")}
    related = media_type in ("multipart/related", "multipart/*")
    if related:
        media_type = parameters.get("type", "*/*").strip().lower()
    media_type = _OLD_NAMES.get(media_type, media_type)
    syntax = parameters.get("transfer-syntax", "")
    if not (_MEDIA_TYPE.fullmatch(media_type) and _SYNTAX.fullmatch(syntax)):
        return None
    try:
        quality = min(max(float(parameters.get("q", "1")), 0.0), 1.0)
    except ValueError:
        return None
    return Range(media_type, related, syntax, quality)


def for_json(accepted: Sequence[Range]) -> str:
    """The media type of metadata and results of a search. Raises NotAcceptable."""
    for one in accepted:
        if one.related:
            continue
        for media_type in (JSON, "application/json"):
            if one.takes(media_type):
                return media_type
    raise NotAcceptable(f"expected Accept to take {JSON}: it is given in no other form")


def for_instance(accepted: Sequence[Range], stored: str, *, alone: bool) -> Form:
    """How an instance that is stored in the syntax `stored` is given. `alone`: it is the only one, so that
    `application/dicom` without multipart can be had. Raises NotAcceptable."""
    for one in accepted:
        if not one.takes(DICOM) or not (one.related or alone or one.media_type != DICOM):
            continue
        syntax = _of_instance(one, stored)
        if syntax:
            return Form(DICOM, syntax, one.related or one.media_type != DICOM)
    what = f'multipart/related; type="{DICOM}"' + (f" or {DICOM}" if alone else "")
    raise NotAcceptable(f"expected Accept to take {what}, in a transfer syntax that can be made of {stored}")


def _of_instance(one: Range, stored: str) -> str:
    """Implicit VR and big endian are not for the web unless they are asked for by name (8.7.3).

    "": what is asked for cannot be made. What would lose something is not made: it would be another instance.
    """
    if one.syntax not in ("", "*"):
        return one.syntax if one.syntax == stored or _can(stored, one.syntax, LOSSLESS) else ""
    as_it_is = one.syntax == "*" or one.media_type == "*/*" or stored in LOSSY or stored not in DECODES
    return stored if as_it_is and stored not in (IMPLICIT, BIG_ENDIAN) else EXPLICIT


def _can(stored: str, wanted: str, among: Collection[str]) -> bool:
    return stored in DECODES and wanted in among


def for_frames(accepted: Sequence[Range], stored: str, *, alone: bool) -> Form:
    """How frames that are stored in the syntax `stored` are given. Raises NotAcceptable."""
    own = MEDIA_OF.get(stored, OCTETS)
    for one in accepted:
        if not (one.related or alone or one.media_type == "*/*"):
            continue
        media_type, syntax = _of_frames(one, stored, own)
        if media_type and (_own(syntax, stored) or _can(stored, syntax, ENCODES)):
            return Form(media_type, syntax, one.related or one.media_type == "*/*")
    raise NotAcceptable(
        f'expected Accept to take multipart/related; type="{OCTETS}", or "{own}" as the frames are stored'
    )


def _own(syntax: str, stored: str) -> bool:
    return syntax == stored or (syntax == EXPLICIT and stored in NATIVE)


def _of_frames(one: Range, stored: str, own: str) -> tuple[str, str]:
    """Media type and transfer syntax that fit into the range; "": none does."""
    as_stored = own, (EXPLICIT if stored in NATIVE else stored)
    if one.syntax == "*":  # also of octets: what is there, under the name that it has
        return as_stored if one.takes(own) or one.takes(OCTETS) else ("", "")
    if one.syntax:
        media_type = OCTETS if one.syntax in NATIVE else MEDIA_OF.get(one.syntax, OCTETS)
        fits = one.takes(media_type) or one.takes(OCTETS)
        return (media_type, EXPLICIT if one.syntax in NATIVE else one.syntax) if fits else ("", "")
    if one.takes(own) and (stored in LOSSY or (stored not in NATIVE and not one.takes(OCTETS))):
        return as_stored
    if one.takes(OCTETS):
        return OCTETS, EXPLICIT
    return (one.media_type, _DEFAULT[one.media_type]) if one.media_type in _DEFAULT else ("", "")

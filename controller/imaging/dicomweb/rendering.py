"""How a client wants a picture rendered (PS3.18, 8.3.5.1, 8.7.4). Pure.

how = read_rendering({"window": "40,400,linear", "viewport": "512,512"}, Media.JPEG)
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from controller.imaging.decode.picture import QUALITY, Media, Rendering
from controller.imaging.dicomweb.media import Range
from controller.imaging.errors import BadQuery, NotAcceptable

LARGEST: Final = 8192
"""Pixels of a viewport's width or height."""
THUMBNAIL: Final = (256, 256)
THUMBNAIL_QUALITY: Final = 80
FUNCTIONS: Final = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}
_FAR: Final = 1e9
_WINDOW: Final = re.compile(r"([-+.\de]+),([-+.\de]+)(?:,([a-z-]+))?", re.ASCII | re.IGNORECASE)
_VIEWPORT: Final = re.compile(r"\d{1,5},\d{1,5}(,-?\d{1,6}){4}|\d{1,5},\d{1,5}", re.ASCII)
NOT_DRAWN: Final = "annotation"
"""A parameter of the standard that is not followed; the answer says so."""


def read_rendering(query: Mapping[str, str], media: Media, *, thumbnail: bool = False) -> Rendering:
    """What the query parameters window, viewport and quality say. Raises BadQuery."""
    quality = THUMBNAIL_QUALITY if thumbnail else QUALITY
    if text := query.get("quality"):
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= 100):
            raise BadQuery(f"quality: expected 1 to 100, got {text[:20]!r}")
        quality = int(text)
    window = _window(query["window"]) if "window" in query else None
    viewport, source = _viewport(query["viewport"]) if "viewport" in query else (None, None)
    if thumbnail:
        viewport = viewport or THUMBNAIL
    return Rendering(media, quality, window, viewport, source, enlarge=not thumbnail)


def choose(accepted: Sequence[Range], *, alone: bool) -> tuple[Media, bool]:
    """The media type, and whether it is sent as multipart/related. `alone`: there is one picture.

    Raises NotAcceptable.
    """
    for one in accepted:
        anything = one.media_type == "*/*" and not one.related
        if not (alone or one.related or anything):
            continue
        for media in Media:
            if one.takes(media.value):
                return media, one.related or not alone
    form = "" if alone else "multipart/related with "
    raise NotAcceptable(f"expected Accept to take {form}{', '.join(media.value for media in Media)}")


def _window(text: str) -> tuple[float, float, str]:
    found = _WINDOW.fullmatch(text)
    name = FUNCTIONS.get((found[3] or "linear").lower()) if found else None
    try:
        center, width = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    except ValueError:
        center = width = 0.0
    least = 1 if name == "LINEAR" else 1e-9
    if name is None or abs(center) > _FAR or not least <= width <= _FAR:
        raise BadQuery(
            f"window: expected center,width,{'|'.join(FUNCTIONS)}, linear from 1 on, got {text[:60]!r}"
        )
    return center, width, name


def _viewport(text: str) -> tuple[tuple[int, int], tuple[int, int, int, int] | None]:
    """`vw,vh` or `vw,vh,sx,sy,sw,sh`; the width and height of the source may be negative: mirrored."""
    if not _VIEWPORT.fullmatch(text):
        raise BadQuery(f"viewport: expected width,height[,left,top,width,height], got {text[:60]!r}")
    width, height, *source = map(int, text.split(","))
    if not (1 <= width <= LARGEST and 1 <= height <= LARGEST) or 0 in source[2:]:
        raise BadQuery(f"viewport: expected 1 to {LARGEST} pixels and a source with pixels, got {text!r}")
    return (width, height), (source[0], source[1], source[2], source[3]) if source else None

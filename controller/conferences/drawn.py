"""What was drawn in a room on an image of a case, as the archive of images takes it: a drawing in its pixels
(imaging/annotate/marks.py), which becomes a presentation state of the image's study.

    drawing_of(marks, {"rows": 512, "columns": 512}, 1, "Conference MC00000001")

In a room points are parts of the picture's sides, so that they lie at the same place on every screen; of the
archive's image they are its own pixels, whatever a page said of its size.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from controller.telemedicine.marks.book import Drawn

Json = dict[str, Any]
_LONGEST = 64
"""Characters of a description (PS3.5, 6.2: LO)."""


def drawing_of(marks: Iterable[Drawn], image: Mapping[str, Any], frame: int, label: str) -> Json:
    """`image`: its rows and columns, as the series tells them; `frame` from 1 on."""
    sides = image["columns"], image["rows"]
    return {"frame": frame, "label": label[:_LONGEST], "marks": [_mark(one, sides) for one in marks]}


def _mark(one: Drawn, sides: tuple[int, int]) -> Json:
    points = [_in_pixels(point, sides) for point in one.body["points"]]
    by = {"by": one.name.replace("\\", " ")[:_LONGEST]}
    match one.body["kind"]:
        case "pen":
            return {**by, "kind": "line", "points": points}
        case "text":
            return {**by, "kind": "text", "at": points[0], "text": one.body["text"]}
        case kind:
            name = "arrow" if kind == "arrow" else "length"
            return {**by, "kind": name, "begin": points[0], "end": points[1]}


def _in_pixels(point: Sequence[float], sides: tuple[int, int]) -> list[float]:
    return [round(part * side, 2) for part, side in zip(point, sides, strict=True)]

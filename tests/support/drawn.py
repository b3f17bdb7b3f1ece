"""An image as the archive keeps it (DICOM JSON by our own reader), and what somebody draws on it."""

import json
from typing import Any

from controller.imaging.annotate.marks import Drawing, read_drawing
from controller.imaging.annotate.state import Maker
from controller.imaging.dicom.part10 import read_instance

INSTANCE = "2.25.4711"
MAKER = Maker("anna", 1_764_190_000_000_000, INSTANCE, 1)
"""26 November 2025, 20:46:40 UTC."""


def as_json(content: bytes) -> dict[str, Any]:
    """The data set of a file."""
    return json.loads(json.dumps(read_instance(content).data_set))


def drawing(*marks: dict[str, Any], **more: Any) -> Drawing:
    """As the page sends it."""
    return read_drawing(json.dumps({"frame": 1, "marks": marks, **more}).encode())


ARROW = {"kind": "arrow", "begin": [10, 10], "end": [30, 20]}
LENGTH = {"kind": "length", "begin": [10, 40], "end": [40, 40]}
TEXT = {"kind": "text", "at": [20.5, 50], "text": "Blutung? 出血?"}

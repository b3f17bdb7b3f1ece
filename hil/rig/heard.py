"""Listens at the gateway's end of a cable: keeps all bytes, and says when which number and value came by."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader
from devices.model.metrics import METRICS
from hil.rig.ledger import VALUE

_VALUE = METRICS[VALUE].number


class Heard:
    """Bytes go to `path`, one JSON object a line: `way`, `at` (monotonic seconds), `hex`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.boot = 0
        """The newest boot that the node spoke of."""
        self.frames = 0
        """Whole numbered frames."""
        self.values: dict[int, float] = {}
        """When each driven value came by first, in hundredths."""
        self._reader = FrameReader(BadByteCounter())
        self._file = path.open("w", encoding="ascii")

    def record(self, way: str, at: float, data: bytes) -> None:
        """Bytes that came out of the cable."""
        self._file.write(json.dumps({"way": way, "at": round(at, 6), "hex": data.hex()}) + "\n")
        if way == "up":
            for item in self._reader.feed(data):
                self._item(item, at)

    def close(self) -> None:
        """No more will come."""
        self._file.close()

    def _item(self, item: Mapping[object, Any], at: float) -> None:
        if item.get(wire.KIND) in (wire.HELLO, wire.READINGS):
            self.boot = max(self.boot, int(item.get(wire.BOOT, 0)))
        if item.get(wire.KIND) == wire.READINGS:
            self.frames += 1
            values = cast(list[int | None], item.get(wire.VALUES, []))
            for metric, value in zip(values[::3], values[1::3], strict=False):
                if metric == _VALUE and value is not None:
                    self.values.setdefault(value, at)

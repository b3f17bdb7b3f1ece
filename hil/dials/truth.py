"""What the devices send now, by their own word: the newest of each metric that they wrote down as sent."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hil.sims.emitted import now_ns
from hil.ward import Folder, WardDevice

Json = dict[str, Any]


class Truth:
    """Of `devices`, from now on."""

    def __init__(self, folder: Folder, devices: Iterable[WardDevice]) -> None:
        self._files = {one.id: _Tail(folder.emitted(one.id)) for one in devices}
        self._newest: dict[str, dict[str, Json]] = {one: {} for one in self._files}

    def look(self) -> None:
        """Read what is new."""
        for device, tail in self._files.items():
            for line in tail.lines():
                told = json.loads(line)
                is_wave = isinstance(told["value"], list)
                value = None if is_wave else told["value"]
                self._newest[device][told["metric"]] = {"value": value, "wave": is_wave, "at": told["at"]}

    def shown(self, device: str) -> dict[str, Json]:
        """By metric: `value`, whether it is a `wave`, and how long ago it went out, ms."""
        now = now_ns()
        return {
            metric: {"value": one["value"], "wave": one["wave"], "age_ms": (now - one["at"]) // 1_000_000}
            for metric, one in self._newest[device].items()
        }


class _Tail:
    """Whole lines that are added to a file from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = path.stat().st_size if path.exists() else 0

    def lines(self) -> list[bytes]:
        if not self._path.exists() or self._path.stat().st_size <= self._place:
            return []
        with self._path.open("rb") as file:
            file.seek(self._place)
            whole = file.read().rpartition(b"\n")[0]
        self._place += len(whole) + bool(whole)
        return whole.splitlines()

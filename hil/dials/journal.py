"""What the gateway has, whether or not anybody above it knows: the newest records in its journal's files.

Waveforms are left out. What a restarted gateway had is in an older journal, seen while its file is there.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import cbor2

from devices.model.metrics import by_number
from devices.model.observation import NoValue, Priority
from hil.blocks import groups_of
from hil.sims.emitted import boot_id, now_ns
from hil.witness import frames

Json = dict[str, Any]
_NAME = re.compile(r"(alert|vital)-(\d+)(?:-\d+)?\.(?:open|closed)")
_DEVICE, _RECORDS, _CLOCK = 1, 3, 5
_BOOT, _MONO = 1, 2
_READING, _ABSENT, _ALERT = 0, 1, 4


class GatewayJournal:
    """The journals in `folder`; only what was written in this boot of the host."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_to: dict[tuple[str, str, str], int] = {}
        self._boot = boot_id()
        self._values: dict[str, dict[str, Json]] = {}
        self._alerts: dict[tuple[str | None, str], Json] = {}

    def look(self) -> None:
        """Read what is new."""
        for path in sorted(self._folder.glob("*/*-*.*")):
            if found := _NAME.fullmatch(path.name):
                with suppress(FileNotFoundError):  # receipted, and gone
                    self._read(path, (path.parent.name, found[1], found[2]))

    def shown(self, device: str) -> dict[str, Json]:
        """By metric: `value` or the `reason` for none, and how long ago it was measured, ms."""
        now = now_ns() // 1000
        return {
            metric: {**{key: one[key] for key in ("value", "reason")}, "age_ms": (now - one["at"]) // 1000}
            for metric, one in self._values.get(device, {}).items()
        }

    def alarms(self) -> list[Json]:
        """Those that are active: `device`, `code`, `priority`, and how long ago that was said, ms."""
        now = now_ns() // 1000
        return [
            {"device": device, "code": code, "priority": one["priority"], "age_ms": (now - one["at"]) // 1000}
            for (device, code), one in self._alerts.items()
        ]

    def _read(self, path: Path, key: tuple[str, str, str]) -> None:
        with path.open("rb") as file:
            file.seek(start := self._read_to.get(key, 0))
            for _, block, end in frames(file.read()):
                self._read_to[key] = start + end
                self._take(block)

    def _take(self, block: bytes) -> None:
        clock = cbor2.loads(cbor2.loads(block)[0])[_CLOCK]
        if clock[_BOOT] == self._boot:
            for device, record in _records(block):
                self._record(device, record, clock[_MONO])

    def _record(self, device: str | None, record: list[Any], mono_us: int) -> None:
        match record:
            case [kind, number, dt, mantissa, exponent, _] if kind == _READING:
                value = round(mantissa * 10.0**exponent, 6)
                self._value(device, number, {"value": value, "reason": None, "at": mono_us + dt})
            case [kind, number, dt, reason, _] if kind == _ABSENT:
                told = NoValue(reason).name.lower().replace("_", "-")
                self._value(device, number, {"value": None, "reason": told, "at": mono_us + dt})
            case [kind, dt, code, priority, active, *_] if kind == _ALERT:
                self._alerts.pop((device, code), None)
                if active:
                    told = {"priority": Priority(priority).name.lower(), "at": mono_us + dt}
                    self._alerts[device, code] = told
            case _:
                pass

    def _value(self, device: str | None, number: int, value: Json) -> None:
        if device is not None:
            held, name = self._values.setdefault(device, {}), by_number(number).name
            if name not in held or held[name]["at"] <= value["at"]:
                held[name] = value


def _records(block: bytes) -> Iterator[tuple[str | None, list[Any]]]:
    for group in groups_of(block):
        for record in group[_RECORDS]:
            yield group.get(_DEVICE), record

"""What a node said of itself, as it is in the records: lines of its log, resets, verdicts, what it lost."""

import json
from dataclasses import dataclass

from controller.store import Store

_LINES = """SELECT id, at_us, kind, detail FROM (
  SELECT id, at_us, kind, detail FROM device_event WHERE gateway = ? AND device = ? AND id > ?
  AND (kind = 'software' OR (kind = 'unmapped' AND json_extract(detail, '$.system') = 'wardlink-node'))
  ORDER BY id DESC LIMIT ?
) ORDER BY id"""
_LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error"}


@dataclass(frozen=True, slots=True)
class Line:
    """`what`: `log`, `reset`, `update`, `readings-lost`, …, or `progress` of an update."""

    number: int
    at_us: int
    """In the controller's time scale."""
    what: str
    text: str


async def lines(store: Store, gateway: str, device: str, most: int, after: int = 0) -> list[Line]:
    """The newest `most` that came after the record of that number, the newest last. Raises StoreError."""
    rows = await store.read(_LINES, (gateway, device, after, most))
    return [_line(row["id"], row["at_us"], row["kind"], json.loads(row["detail"])) for row in rows]


def _line(number: int, at_us: int, kind: str, detail: dict[str, str | int]) -> Line:
    if kind == "software":
        why = f": {detail['why']}" if detail.get("why") else ""
        text = f"version {detail.get('version')} {detail.get('progress')} {detail.get('percent', 0)} %{why}"
        return Line(number, at_us, "progress", text)
    what, text = str(detail.get("code", "")), str(detail.get("text", ""))
    if what == "log":
        text = f"{_LEVELS.get(int(detail.get('value', 0)), detail.get('value'))}: {text}"
    return Line(number, at_us, what, text)

"""The oxygen on board, of what its sensors say now: nothing of a value that is too old."""

from collections.abc import Mapping
from typing import Any

from devices.model.metrics import METRICS
from devices.model.observation import Quality
from devices.model.oxygen import endurance
from devices.model.scores_sources import FLAWS
from gateway.crew.board import Key, Value

PRESSURE, FLOW = "o2_cylinder_pressure", "o2_flow"
_NOT_NOW = int(FLAWS | Quality.STORED)


def oxygen(values: Mapping[Key, Value], cylinder_l: float, now_ms: int) -> list[dict[str, Any]]:
    """An item for each cylinder whose pressure is known now."""
    return [
        _item(value, _present(values.get((device, FLOW)), now_ms), cylinder_l)
        for (device, metric), value in values.items()
        if metric == PRESSURE and _present(value, now_ms) is not None
    ]


def _item(pressure: Value, flow: Value | None, cylinder_l: float) -> dict[str, Any]:
    flow_l_min = None if flow is None else flow.value
    left = endurance(pressure.value or 0.0, cylinder_l, flow_l_min)
    return {
        "device": pressure.device,
        "litres": round(left.litres),
        "flow_l_min": flow_l_min,
        "minutes_left": None if left.minutes is None else int(left.minutes),
        "at_ms": pressure.at_ms if flow is None else min(pressure.at_ms, flow.at_ms),
    }


def _present(value: Value | None, now_ms: int) -> Value | None:
    if value is None or value.value is None or value.quality & _NOT_NOW:
        return None
    return value if now_ms - value.at_ms <= METRICS[value.metric].stale_after_s * 1000 else None

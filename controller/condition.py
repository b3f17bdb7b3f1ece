"""What an event says of its device's condition: the changes of the hub's DEVICE item."""

from collections.abc import Mapping
from typing import Any

from controller.live import EventNow
from devices.model.observation import EventKind

Item = Mapping[str, Any]


def change_by(event: EventNow, held: Item) -> dict[str, Any]:
    """The keys of DEVICE that `event` changes; empty when what is held is newer."""
    at_ms = event.place.at_us // 1000
    match event.kind:
        case EventKind.CONNECTED | EventKind.DISCONNECTED:
            connected = event.kind == EventKind.CONNECTED
            # What a device alarmed for when it was last heard, nobody knows any more.
            told = {"connected": connected, "alarms": {}, "pairing": event.detail.get("pairing")}
            change = _newer(held, "since_ms", at_ms, told)
        case EventKind.DEVICE_ALARM:
            change = {"alarms": _alarms(held.get("alarms", {}), event.detail, at_ms)}
        case EventKind.BATTERY:
            change = _newer(held, "battery_at_ms", at_ms, {"battery_percent": event.detail.get("percent")})
        case EventKind.LINK:
            change = _newer(held, "link_at_ms", at_ms, {"rssi": event.detail.get("rssi")})
        case EventKind.IDENTITY | EventKind.STATUS:
            name = str(event.kind)
            change = {name: {**held.get(name, {}), **event.detail}}
        case EventKind.BAD_BYTES:
            change = {"bad": _sum(held.get("bad", {}), event.detail)}
        case _:
            change = {}
    return change


def _alarms(held: Item, detail: Item, at_ms: int) -> dict[str, Any]:
    """The active alarms after one began or ended."""
    code = str(detail.get("code", ""))
    others = {name: alarm for name, alarm in held.items() if name != code}
    if not detail.get("active"):
        return others
    priority = str(detail["priority"]) if "priority" in detail else None
    return {**others, code: {"text": str(detail.get("text", code)), "priority": priority, "at_ms": at_ms}}


def _newer(held: Item, since: str, at_ms: int, change: dict[str, Any]) -> dict[str, Any]:
    known = held.get(since)
    return {} if known is not None and known > at_ms else {**change, since: at_ms}


def _sum(held: Item, more: Item) -> dict[str, Any]:
    counts = {name: count for name, count in more.items() if isinstance(count, int)}
    return {**held, **{name: held.get(name, 0) + count for name, count in counts.items()}}

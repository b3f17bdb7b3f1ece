"""The hub's events cut to one patient's beds, for a room: their numbers, waves and alarms, and nobody else's.

    cut = Cut(homes)
    for event in events_of_the_hub:            # of a view that shows this patient only, a snapshot first
        for told in cut.take(event): ...

Of a bed it is told whether it is the patient's home: what is measured there, now and then, nobody of the
hospital saw.

A view leaves in what is at no bed, since staff look after that; here it is left out. Of a device and its
gateway nothing is told but what says why a value is old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from controller.events import Event

Json = dict[str, Any]
WHOLE = frozenset({"snapshot", "registry"})
"""Events that say anew who lies where, and with what."""
_ON_BEDS = frozenset({"values", "wave", "alert"})
_WHOLE = ("server_ms", "session", "metrics")
_DEVICE = ("id", "bed", "gateway", "connected", "since_ms", "metrics")
_GATEWAY = ("id", "name", "state", "seen_ms")
_NOT_TOLD: Mapping[str, list[Json]] = {"wards": [], "break_glass": [], "scores": []}
"""Of a snapshot; empty, so that it has the shape of the ordinary one."""


class Cut:
    """Of one reader: it remembers where the patient lies and which gateways tell of it. `homes`: places
    where patients live (controller/patient_access/homes.py)."""

    def __init__(self, homes: frozenset[str] = frozenset()) -> None:
        self._homes = homes
        self._beds: frozenset[str] = frozenset()
        self._used: set[str] = set()
        self._gateways: dict[str, Json] = {}

    def take(self, event: Event) -> list[Event]:
        """What of `event` is told: nothing, it, or more than it. Of a kind that is not known, nothing."""
        data = orjson.loads(event.data)
        if event.kind in WHOLE:
            return [_with(event, self._whole(data))]
        if event.kind == "time":
            return [event]
        items = self._items(event.kind, data.get("items", ()))
        told = [_with(event, {**data, "items": items})] if items else []
        return told + (self._unheard(event, data) if event.kind == "device" else [])

    def _whole(self, data: Json) -> Json:
        self._beds = frozenset(bed["id"] for bed in data["beds"])
        self._gateways = {one["id"]: _some(one, _GATEWAY) for one in data["gateways"]}
        devices = self._items("device", data["devices"])
        self._used = {one["gateway"] for one in devices}
        gateways = [one for name, one in self._gateways.items() if name in self._used]
        alerts = self._items("alert", data["alerts"])
        values = self._items("values", data["values"])
        beds = [{**bed, "home": bed["id"] in self._homes} for bed in data["beds"]]
        of_it = {"devices": devices, "gateways": gateways, "values": values, "alerts": alerts}
        return {**_some(data, _WHOLE), **of_it, "beds": beds, **_NOT_TOLD}

    def _items(self, kind: str, items: Iterable[Json]) -> list[Json]:
        if kind == "gateway":
            return self._heard(items)
        here = [item for item in items if item.get("bed") in self._beds]
        if kind == "device":
            return [_some(one, _DEVICE) for one in here]
        if kind == "alert":
            return [_nameless(one) for one in here]
        return here if kind in _ON_BEDS else []

    def _heard(self, items: Iterable[Json]) -> list[Json]:
        some = [_some(one, _GATEWAY) for one in items]
        self._gateways.update({one["id"]: one for one in some})
        return [one for one in some if one["id"] in self._used]

    def _unheard(self, event: Event, data: Json) -> list[Event]:
        """Gateways of which nothing was told so far: devices of theirs are here now."""
        used = {one["gateway"] for one in data["items"] if one["bed"] in self._beds} - self._used
        self._used |= used
        told = [self._gateways[name] for name in used if name in self._gateways]
        return [replace(_with(event, {**data, "items": told}), kind="gateway")] if told else []


def _with(event: Event, data: Json) -> Event:
    return replace(event, data=orjson.dumps(data))


def _some(item: Json, names: Iterable[str]) -> Json:
    return {name: item[name] for name in names}


def _nameless(alert: Json) -> Json:
    """Who of the staff has seen it is not for who comes in by a link."""
    return {**alert, "detail": {name: value for name, value in alert["detail"].items() if name != "by"}}

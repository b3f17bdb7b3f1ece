"""Numbers of the room, taken over into notes: those that hold now, each with its device and its time.

taken = now_of(hub.snapshot(view))             # `view` shows this patient alone
resources = observations(taken, about, to_utc_ms)
"""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.handover.coded import number
from controller.handover.observation import PRESSURES, Reading, observation, pressure
from controller.handover.words import Words
from controller.telemedicine.model import Language
from controller.telemedicine.notes.model import Taken
from devices.model.metrics import METRICS

Json = dict[str, Any]


def now_of(snapshot: Json) -> list[Taken]:
    """Of the beds of `snapshot` (Hub.snapshot): what has a value, no flaw, and is not stale."""
    beds, now_ms = {bed["id"] for bed in snapshot["beds"]}, snapshot["server_ms"]
    found = [one for one in snapshot["values"] if one["bed"] in beds and _holds(one, now_ms)]
    found.sort(key=lambda one: (METRICS[one["metric"]].number, one["device"]))
    return [
        Taken(one["metric"], one["value"], METRICS[one["metric"]].unit, one["device"], one["at_ms"])
        for one in found
    ]


def observations(taken: Iterable[Taken], about: Mapping[str, Any], to_utc_ms: int) -> list[Json]:
    """FHIR R4 Observations by the vital signs profiles; `about`: members that all have."""
    left, found = list(taken), list[Json]()
    for names in PRESSURES:
        for device in sorted({one.device for one in left}):
            same = [one for one in left if one.metric in names and one.device == device]
            if {names[0], names[1]} <= {one.metric for one in same}:
                left = [one for one in left if one not in same]
                more = {"device": {"display": device}, **about}
                found.append(pressure([_read(one, to_utc_ms) for one in same], **more))
    shown = [(_read(one, to_utc_ms), {"device": {"display": one.device}}) for one in left]
    return found + [observation(one, **by, **about) for one, by in shown]


def words(one: Taken, language: Language) -> str:
    """ "PR 72 /min (ox-1)"."""
    return f"{Words(language).named('metric', one.metric)} {number(one.value)} {one.unit} ({one.device})"


def _holds(one: Json, now_ms: int) -> bool:
    metric = METRICS[one["metric"]]
    is_fresh = now_ms - one["at_ms"] <= metric.stale_after_s * 1000
    return one["value"] is not None and not one["quality"] and is_fresh and metric.is_of_patient


def _read(one: Taken, to_utc_ms: int) -> Reading:
    return Reading(one.metric, one.value, None, one.at_ms + to_utc_ms)

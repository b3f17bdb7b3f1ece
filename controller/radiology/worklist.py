"""Orders as the items of a modality worklist, in DICOM JSON, and whether one meets the keys of a search.

PS3.4, K.6.1.2: the required matching keys of table K.6-1, and every other attribute that an item has. Times
are those of this machine's time zone.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from controller.clock import Zone, local_text
from controller.imaging.archive.names import fold
from controller.patients.model import PatientFacts
from controller.radiology.model import ImagingOrder
from controller.radiology.states import OrderState

Item = dict[str, Any]
"""A data set in DICOM JSON (PS3.18, F)."""

STEPS: Final = "00400100"
"""Scheduled Procedure Step Sequence."""
STATION, DATE, TIME = "00400001", "00400002", "00400003"
_NAME, _PATIENT, _BIRTH_DATE, _SEX = "00100010", "00100020", "00100030", "00100040"
_SEXES: Final = {"female": "F", "male": "M", "other": "O"}
"""Patient's Sex (PS3.3, C.7.1.1), by FHIR's words; one that is unknown is left empty."""
_WHOLE_DATE: Final = 8
_NOBODY: Final[Mapping[str, PatientFacts]] = {}
ANY_STATION: Final = "ANY"
"""Scheduled Station AE Title, which is never empty (type 1), of an order for no certain device."""
_PRIORITIES: Final = {"stat": "STAT", "asap": "HIGH", "urgent": "MEDIUM", "routine": "ROUTINE"}
"""Requested Procedure Priority (PS3.3, C.4-11), by FHIR's words."""
_LONGEST = 64
_GROUP = re.compile(r"[\\^=\x00-\x1f\x7f]+")


def items(
    orders: Iterable[ImagingOrder],
    to_utc_ms: int,
    zone: Zone | None = None,
    *,
    known: Mapping[str, PatientFacts] = _NOBODY,
) -> list[Item]:
    """An item of each that is to be done; `to_utc_ms` is what its times lack to UTC; `zone` None: this
    machine's; `known`: what is known of patients, by identifier."""
    active = (one for one in orders if one.state is OrderState.ACTIVE)
    return [_item(one, to_utc_ms, zone) | _person(known.get(one.identifier)) for one in active]


def matches(item: Item, keys: Mapping[str, Any]) -> bool:
    """Whether `item` meets each key of `keys` that has a value."""
    return all(_meets(item, tag, key) for tag, key in keys.items())


def keys_with_values(keys: Mapping[str, Any]) -> Item:
    """Those of `keys` that are matched: without what is only asked to be returned."""
    found: Item = {}
    for tag, key in keys.items():
        if key["vr"] == "SQ":
            inner = [asked for one in key.get("Value", ()) if (asked := keys_with_values(one))]
            if inner:
                found[tag] = {"vr": "SQ", "Value": inner[:1]}
        elif any(value not in (None, "", {}) for value in key.get("Value", ())):
            found[tag] = dict(key)
    return found


def patient_of(item: Item) -> str:
    """Whose it is."""
    return str(item[_PATIENT]["Value"][0])


def _person(facts: PatientFacts | None) -> Item:
    """Birth date and sex (PS3.3, C.7.1.1): empty where they are unknown, or only a part of the date is."""
    born = facts.birth_date.replace("-", "") if facts and facts.birth_date else ""
    sex = _SEXES.get(facts.sex or "", "") if facts else ""
    return {
        _BIRTH_DATE: _element("DA", born) if len(born) == _WHOLE_DATE else _element("DA"),
        _SEX: _element("CS", sex) if sex else _element("CS"),
    }


def _item(order: ImagingOrder, to_utc_ms: int, zone: Zone | None) -> Item:
    asked = order.wanted
    date, time = local_text((asked.scheduled_ms + to_utc_ms) * 1000, "%Y%m%d %H%M%S", zone).split()
    what = f"{asked.modality} {asked.part}"[:_LONGEST]
    step = {
        "00080060": _element("CS", asked.modality),
        STATION: _element("AE", asked.station or ANY_STATION),
        DATE: _element("DA", date),
        TIME: _element("TM", time),
        "00400006": _element("PN"),
        "00400007": _element("LO", what),
        "00400009": _element("SH", order.step),
        "00400020": _element("CS", "SCHEDULED"),
    }
    return {
        "00080050": _element("SH", order.accession),
        "00080090": _element("PN", {"Alphabetic": _name(order.placed_by)}),
        _NAME: _element("PN", {"Alphabetic": _name(order.name)}),
        _PATIENT: _element("LO", order.identifier),
        "0020000D": _element("UI", order.study),
        "00321032": _element("PN", {"Alphabetic": _name(order.placed_by)}),
        "00321060": _element("LO", what),
        "00380300": _element("LO", order.bed[:_LONGEST]),
        STEPS: {"vr": "SQ", "Value": [step]},
        "00401001": _element("SH", order.procedure),
        "00401002": _element("LO", asked.reason[:_LONGEST]),
        "00401003": _element("SH", _PRIORITIES[asked.priority]),
    }


def _element(vr: str, *values: Any) -> Item:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def _name(text: str) -> str:
    """A name as a PN (PS3.5, 6.2): "Muster, Anna" is Muster^Anna."""
    parts = (_GROUP.sub(" ", part).strip() for part in text.partition(",")[::2])
    return "^".join(filter(None, parts))[:_LONGEST]


def _meets(item: Item, tag: str, key: Mapping[str, Any]) -> bool:
    held = item.get(tag)
    if held is None:
        return True  # no key of ours: PS3.4, C.2.2.1.3
    asked = key.get("Value", ())
    if key["vr"] == "SQ":
        return all(any(_step_meets(one, inner) for one in held["Value"]) for inner in asked)
    wanted = [text for value in asked if (text := _text(value))]
    return not wanted or any(_meets_text(held["vr"], _first(item, tag), text) for text in wanted)


def _step_meets(step: Item, keys: Mapping[str, Any]) -> bool:
    """A step, by its keys; a date and a time together are one span (table K.6-1, remarks)."""
    rest = {tag: key for tag, key in keys.items() if tag not in (STATION, DATE, TIME)}
    return matches(step, rest) and _station_meets(step, keys) and _in_span(step, keys)


def _station_meets(step: Item, keys: Mapping[str, Any]) -> bool:
    """What is for any device is for whichever asks."""
    asked = _first(keys, STATION)
    return (
        not asked or _first(step, STATION) == ANY_STATION or _meets_text("AE", _first(step, STATION), asked)
    )


def _in_span(step: Item, keys: Mapping[str, Any]) -> bool:
    dates, times = _span(_first(keys, DATE)), _span(_first(keys, TIME))
    date, time = _first(step, DATE), _first(step, TIME)
    if dates and times and _is_range(keys, DATE) and _is_range(keys, TIME):
        begin, end = dates[0] + (times[0] or "000000"), (dates[1] or "99999999") + (times[1] or "235959")
        return begin <= date + time and _not_after(date + time, end)
    return all(
        not span or (span[0] <= told and _not_after(told, span[1] or "~"))
        for span, told in ((dates, date), (times, time))
    )


def _not_after(told: str, end: str) -> bool:
    """A time of day that is given to the minute lasts to its end."""
    return told[: len(end)] <= end


def _span(text: str) -> tuple[str, str] | None:
    """Beginning and end, "": open; None: universal matching."""
    plain = re.sub(r"\.\d*|:", "", text)
    if not plain or plain == "*":
        return None
    begin, dash, end = plain.partition("-")
    return (begin.strip(), end.strip()) if dash else (begin.strip(), begin.strip())


def _is_range(keys: Mapping[str, Any], tag: str) -> bool:
    return "-" in _first(keys, tag)


def _meets_text(vr: str, held: str, asked: str) -> bool:
    """PS3.4, C.2.2.2.1 and C.2.2.2.4; of names, small letters without marks are compared."""
    if vr == "PN":
        held, asked = fold(held).rstrip("^ "), fold(asked).rstrip("^ ")
    if vr == "DA":
        return _date_meets(held, asked)
    if vr in ("TM", "UI"):
        return held == asked
    return fnmatch.fnmatchcase(held, asked.replace("[", "[[]"))


def _date_meets(held: str, asked: str) -> bool:
    """PS3.4, C.2.2.2.1 and C.2.2.2.5: one day, or from one to another; what is unknown is in no range."""
    span = _span(asked)
    return span is None or (bool(held) and span[0] <= held <= (span[1] or "~"))


def _first(item: Mapping[str, Any], tag: str) -> str:
    return next((text for value in item.get(tag, {}).get("Value", ()) if (text := _text(value))), "")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("Alphabetic", "")
    return "" if value is None else str(value)

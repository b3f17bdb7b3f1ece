"""A case as a FHIR R4 document: a Bundle whose first entry is the Composition (HL7 FHIR R4, documents).

orjson.dumps(document(case))

The same case gives the same document. Nothing is invented: what is not known is said to be so. It is
`preliminary`: nobody has signed it.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, NamedTuple

from controller.handover import assessed, course, measured
from controller.handover.case import Case, Device, Stay
from controller.handover.coded import (
    TERMS,
    Json,
    coding,
    concept,
    device_resource,
    full,
    loinc,
    people,
    period,
    text,
    time,
    unknown,
    urn,
)

MEDIA = "application/fhir+json"
_XHTML = "http://www.w3.org/1999/xhtml"
_EMPTY = concept("nothing was recorded", coding(f"{TERMS}list-empty-reason", "unavailable"))


class _Section(NamedTuple):
    """A part of the Composition. `code` is LOINC; "": none is certain."""

    title: str
    code: str
    resources: list[Json]


class _Entries:
    """The Bundle's entries, and how they are called: a name is given once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.items: list[Json] = []

    def name(self, *parts: object) -> str:
        """The URN of a thing of this case."""
        return urn(self._case.who.identifier, self._case.stays[0].id, *parts)

    def add(self, resource: Json, *parts: object) -> Json:
        """Put it in; gives a reference to it."""
        url = self.name(*(parts or (len(self.items),)))
        self.items.append({"fullUrl": url, "resource": resource})
        return {"reference": url}


def document(case: Case) -> Json:
    """The Bundle."""
    entries = _Entries(case)
    subject, encounter = ({"reference": entries.name(one)} for one in ("patient", "encounter"))
    about = {"subject": subject, "encounter": encounter}
    devices = {one: entries.name("device", one) for one in _measuring(case)}
    head: list[tuple[str, Json]] = [
        ("patient", _patient(case)),
        ("encounter", _encounter(case, subject)),
        ("software", _software()),
    ]
    sections = [_with_entries(entries, one, case) for one in _sections(case, about, devices)]
    composition = _composition(case, about, entries.name("software"), sections)
    body, entries.items = entries.items, []
    entries.add(composition, "composition", case.made_ms)
    for name, resource in head:
        entries.add(resource, name)
    for device in devices:
        entries.add(_device(device, case.devices), "device", device)
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": entries.name("bundle", case.made_ms)},
        "type": "document",
        "timestamp": time(case.made_ms),
        "entry": [*entries.items, *body],
    }


def _measuring(case: Case) -> list[str]:
    """Ids of all devices that are spoken of."""
    last = (vital.last.device for vital in case.vitals)
    alien = (one.told.device for one in case.aliens)
    alarmed = (one.device for one in case.alarms if one.device)
    return sorted({*last, *alien, *alarmed})


def _sections(case: Case, about: Mapping[str, Any], devices: Mapping[str, str]) -> Iterable[_Section]:
    last, summed = measured.last_readings(case, about, devices), measured.summaries(case, about)
    aliens = measured.aliens(case, about, devices)
    yield _Section("Vital signs", "8716-3", [*last, *summed, *aliens])
    yield _Section("Treatment and marks", "47519-4", [*course.treated(case, about)])
    yield _Section("Medication given", "29549-3", [*course.given(case, about)])
    found = assessed.age(case, about), assessed.assessments(case, about), assessed.scores(case, about)
    yield _Section("Assessments and scores", "51848-0", [one for some in found for one in some])
    yield _Section("Alarms", "", [*course.alarms(case, about, devices)])
    yield _Section("Requests and instructions", "", [*course.asked(case, about)])


def _with_entries(entries: _Entries, section: _Section, case: Case) -> Json:
    references = [entries.add(one, section.title, place) for place, one in enumerate(section.resources)]
    lines = [_line(one) for one in section.resources] or ["Nothing was recorded."]
    if case.is_cut:
        lines.append(f"Only what was from {time(case.from_ms)} on: more is in the record.")
    words = section.title
    return full(
        title=words,
        code=loinc(words, section.code) if section.code else concept(words),
        text=_narrative(lines),
        entry=references,
        emptyReason=None if references else _EMPTY,
    )


def _line(resource: Json) -> str:
    """One line for people: when, what, how much."""
    at = resource.get("effectiveDateTime") or resource.get("performedDateTime") or resource.get("authoredOn")
    at = at or resource.get("sent") or resource.get("effectivePeriod", {}).get("start", "")
    what = resource.get("code") or resource.get("medicationCodeableConcept") or resource.get("topic") or {}
    parts = [f"{one['code']['text']} {_value(one)}" for one in resource.get("component", ())]
    said = [one["text"] for one in (*resource.get("interpretation", ()), *resource.get("note", ()))]
    payload = [one["contentString"] for one in resource.get("payload", ())]
    words = f"{at} {what.get('text', '')} {_value(resource)}".strip()
    return "; ".join([words, *payload, *parts, *said])


def _value(told: Json) -> str:
    if "valueQuantity" in told:
        return f"{told['valueQuantity']['value']} {told['valueQuantity']['unit']}"
    if "valueSampledData" in told:
        return f"every {told['valueSampledData']['period']} ms"
    if "valueCodeableConcept" in told:
        return told["valueCodeableConcept"]["text"]
    if "dataAbsentReason" in told:
        return f"no value ({told['dataAbsentReason']['text']})"
    plain = (told[name] for name in ("valueString", "valueInteger", "valueBoolean") if name in told)
    return str(next(plain, "")).strip()


def _narrative(lines: Iterable[str]) -> Json:
    paragraphs = "".join(f"<p>{escape(text(line), quote=False)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="{_XHTML}">{paragraphs}</div>'}


def _composition(case: Case, about: Mapping[str, Any], software: str, sections: list[Json]) -> Json:
    who = "patient who is not identified" if case.who.is_unknown else "patient"
    lines = [f"Hand-over of a {who}, made at {time(case.made_ms)}; nobody has signed it."]
    if case.not_taken:
        lines.append(f"{case.not_taken} entries of the crew could not be given to a patient: see the record.")
    return full(
        resourceType="Composition",
        text=_narrative(lines),
        status="preliminary",
        type=loinc("Summary of episode note", "34133-9"),
        date=time(case.made_ms),
        author=[{"reference": software}, *people(case.people)],
        title="Hand-over",
        event=[{"period": period(case.from_ms, case.until_ms)}],
        section=sections,
        **about,
    )


def _patient(case: Case) -> Json:
    who = case.who
    identifier = full(use="temp" if who.is_unknown else "usual", value=text(who.identifier))
    name = full(use="temp" if who.is_unknown else "usual", text=text(who.name))
    if who.is_unknown or not text(who.name):
        name |= unknown()
    return full(
        resourceType="Patient",
        identifier=[identifier],
        name=[name],
        gender=who.sex or "unknown",
        _birthDate=unknown(),
    )


def _encounter(case: Case, subject: Json) -> Json:
    present = case.stays[-1].to_ms is None
    end_ms = None if present else case.until_ms
    return full(
        resourceType="Encounter",
        status="in-progress" if present else "finished",
        subject=subject,
        period=period(case.begun_ms, end_ms),
        classHistory=[{"class": _class(one), "period": period(one.from_ms, one.to_ms)} for one in case.stays],
        location=[
            {"location": {"display": text(one.place) or one.bed}, "period": period(one.from_ms, one.to_ms)}
            for one in case.stays
        ],
        **{"class": _class(case.stays[-1])},
    )


def _class(stay: Stay) -> Json:
    """FLD on the road; a hand-over's bed is of an emergency, whatever the ward."""
    code, display = ("FLD", "field") if stay.is_vehicle else ("EMER", "emergency")
    return coding(f"{TERMS}v3-ActCode", code, display)


def _device(device: str, known: Iterable[Device]) -> Json:
    profile = next((one.profile for one in known if one.id == device), None)
    return device_resource(device, profile)


def _software() -> Json:
    name = {"name": "Wardlink", "type": "user-friendly-name"}
    return {
        "resourceType": "Device",
        "deviceName": [name],
        "type": concept("Software that made this document"),
    }

"""The summary of a visit as the FHIR R4 document that is signed (HL7 FHIR R4, 4.0.1, documents).

It stands for itself, and is made of the version that is kept alone, hence is the same whenever it is made:
prescriptions and visits are named by their identifiers, not by addresses.
"""

from collections.abc import Iterable
from html import escape
from typing import Any, NamedTuple

from controller.handover.coded import TERMS, coding, concept, full, loinc, people, period, text, time, urn
from controller.telemedicine.notes.model import HomePlan, Summary, SummaryVersion
from controller.telemedicine.notes.vitals import observations, words
from controller.telemedicine.notes.words import MEASURED, SECTIONS, TITLE, home_words

Json = dict[str, Any]
_XHTML = "http://www.w3.org/1999/xhtml"
_CODES = {"vitals": "8716-3", "found": "51848-0"}
"""LOINC, where it is certain."""
VIRTUAL = coding(f"{TERMS}v3-ActCode", "VR", "virtual")


class _Part(NamedTuple):
    """A section: what it says, and what it is made of."""

    name: str
    lines: list[str]
    resources: list[Json]
    named: list[Json]
    """References by identifier to what is kept elsewhere."""


def document(version: SummaryVersion) -> Json:
    """The Bundle."""
    told, to_utc_ms = version.summary, version.utc_ms - version.at_ms
    subject, encounter = ({"reference": _name(version, one)} for one in ("patient", "encounter"))
    about = {"subject": subject, "encounter": encounter}
    entries = [
        (_name(version, "patient"), _patient(told)),
        (_name(version, "encounter"), _encounter(told, subject, to_utc_ms)),
    ]
    sections = list[Json]()
    for part in _parts(version, about, to_utc_ms):
        names = [_name(version, part.name, place) for place in range(len(part.resources))]
        entries += zip(names, part.resources, strict=True)
        sections.append(_section(part, told, names))
    first = _name(version, "composition"), _composition(version, about, sections)
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _name(version, "bundle")},
        "type": "document",
        "timestamp": time(version.utc_ms),
        "entry": [{"fullUrl": url, "resource": one} for url, one in [first, *entries]],
    }


def number(version: SummaryVersion) -> str:
    """ "TV00000001/2": the visit's, and the version's."""
    return f"{version.summary.number}/{version.version}"


def _name(version: SummaryVersion, *parts: object) -> str:
    return urn("visit-summary", number(version), *parts)


def _composition(version: SummaryVersion, about: Json, sections: list[Json]) -> Json:
    told = version.summary
    plain, before = told.plain, {"value": f"{told.number}/{told.replaces}"}
    return full(
        resourceType="Composition",
        language=_language(told),
        text=_narrative([f"{TITLE[plain.language]} ({told.number})", *filter(None, [plain.why])]),
        identifier={"value": number(version)},
        status="amended" if told.replaces else "final",
        type=loinc("Summary of episode note", "34133-9"),
        date=time(version.utc_ms),
        author=people([version.by]),
        title=TITLE[plain.language],
        relatesTo=[{"code": "replaces", "targetIdentifier": before}] if told.replaces else None,
        section=sections,
        **about,
    )


def _parts(version: SummaryVersion, about: Json, to_utc_ms: int) -> Iterable[_Part]:
    """Those of which there is something to say."""
    told = version.summary
    plain, language = told.plain, told.plain.language
    taken = observations(told.vitals, about, to_utc_ms)
    home = [_care_plan(version, about)] if told.home else []
    rx = [{"type": "MedicationRequest", "identifier": {"value": one.number}} for one in told.medicines]
    medicines = [f"{one.name}: {one.dosage} ({one.number})" for one in told.medicines]
    parts = (
        _Part("talked", _lines(plain.talked), [], []),
        _Part("found", _lines(plain.found), [], []),
        _Part("vitals", [words(one, language) for one in told.vitals], taken, []),
        _Part("todo", _lines(plain.todo), [], []),
        _Part("medicines", medicines, [], rx),
        _Part("home", [home_words(one, language) for one in told.home], home, []),
        _Part("referral", _lines(told.referral), [], []),
        _next(told),
        _Part("call", _lines(plain.call), [], []),
    )
    return (one for one in parts if one.lines)


def _next(told: Summary) -> _Part:
    visit = told.follow_up
    if visit is None:
        return _Part("next", [], [], [])
    named = {"type": "Appointment", "identifier": {"value": visit.number}}
    return _Part("next", [f"{time(visit.start_ms)} ({visit.number})"], [], [named])


def _section(part: _Part, told: Summary, names: list[str]) -> Json:
    title = SECTIONS[part.name][told.plain.language]
    return full(
        title=title,
        code=loinc(SECTIONS[part.name]["en"], _CODES[part.name]) if part.name in _CODES else concept(title),
        text=_narrative(part.lines),
        entry=[*({"reference": one} for one in names), *part.named],
    )


def _patient(told: Summary) -> Json:
    identifier = {"value": text(told.subject.identifier)}
    return full(resourceType="Patient", identifier=[identifier], name=[full(text=text(told.subject.name))])


def _encounter(told: Summary, subject: Json, to_utc_ms: int) -> Json:
    ended = None if told.ended_ms is None else told.ended_ms + to_utc_ms
    return full(
        resourceType="Encounter",
        identifier=[{"value": told.number}],
        status="in-progress" if ended is None else "finished",
        subject=subject,
        participant=[{"individual": one} for one in people([told.host])],
        period=None if told.began_ms is None else period(told.began_ms + to_utc_ms, ended),
        **{"class": VIRTUAL},
    )


def _care_plan(version: SummaryVersion, about: Json) -> Json:
    days = max(one.days for one in version.summary.home)
    return full(
        resourceType="CarePlan",
        identifier=[{"value": number(version)}],
        status="active",
        intent="plan",
        period=period(version.utc_ms, version.utc_ms + days * 86_400_000),
        activity=[{"detail": _activity(one, version.summary)} for one in version.summary.home],
        **about,
    )


def _activity(plan: HomePlan, told: Summary) -> Json:
    day = {"value": plan.days, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}
    repeat = {"boundsDuration": day, "frequency": plan.times, "period": 1, "periodUnit": "d"}
    return {
        "kind": "ServiceRequest",
        "code": concept(MEASURED[plan.what]["en"]),
        "status": "scheduled",
        "scheduledTiming": {"repeat": repeat},
        "description": home_words(plan, told.plain.language),
    }


def _language(told: Summary) -> str:
    return {"en": "en", "zh": "zh-CN"}[told.plain.language]


def _lines(words_: str) -> list[str]:
    return [line for line in text(words_).split("\n") if line.strip()]


def _narrative(lines: Iterable[str]) -> Json:
    paragraphs = "".join(f"<p>{escape(text(line), quote=False)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="{_XHTML}">{paragraphs}</div>'}

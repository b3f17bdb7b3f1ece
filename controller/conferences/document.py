"""What was concluded of a case as the FHIR R4 documents that are signed (HL7 FHIR R4, 4.0.1, documents).

    document(about, concluded)                     # each expert who agrees signs this one
    differing(about, concluded, "ben", words)      # who differs signs their own words, beside it

They stand for themselves, and are made of what is kept alone: the same whenever they are made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from controller.clock import utc_s_of
from controller.handover.coded import concept, full, loinc, people, text, time, urn

Json = dict[str, Any]
SYSTEM = "urn:wardlink:conclusion"
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class About:
    """Of which case of which conference."""

    number: str
    """The conference's."""
    case: int
    identifier: str
    """The patient's, as known when it was written."""
    name: str
    question: str
    began_ms: int
    """UTC."""
    requester: str
    experts: tuple[str, ...]
    """Who took part and is asked to sign, as they are called."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """A version of what was concluded."""

    version: int
    conclusion: str
    plan: str
    by: str
    utc_ms: int


def document(about: About, concluded: Concluded) -> Json:
    """The Bundle: Composition, Patient, ClinicalImpression, and a CarePlan if there is a plan."""
    name = _name(about, concluded)
    impression = _impression(about, concluded)
    plan = _care_plan(about, concluded) if text(concluded.plan) else None
    sections = [
        _section("Question", "42349-1", "Reason for referral", about.question),
        _section("Conclusion", "51848-0", "Evaluation note", concluded.conclusion, _ref(name, "impression")),
    ]
    if plan:
        sections.append(_section("Plan", "18776-5", "Plan of care note", concluded.plan, _ref(name, "plan")))
    sections.append(_section("Took part", "", "", "\n".join(about.experts)))
    first = _composition(about, concluded, sections, f"Conclusion of a conference ({about.number})")
    rest = [("patient", _patient(about)), ("impression", impression), *([("plan", plan)] if plan else [])]
    return _bundle(name, concluded.utc_ms, first, rest)


def differing(about: About, concluded: Concluded, who: str, words: str) -> Json:
    """The Bundle of who does not agree: their own words, beside the document that the others sign."""
    name = f"{_name(about, concluded)}/{who}"
    sections = [_section("Differing opinion", "51848-0", "Evaluation note", words)]
    first = _composition(about, concluded, sections, f"Differing opinion ({about.number})")
    beside = {"code": "appends", "targetIdentifier": _identifier(_name(about, concluded))}
    first |= {"author": people([who]), "relatesTo": [beside], "identifier": _identifier(name)}
    return _bundle(name, concluded.utc_ms, first, [("patient", _patient(about))])


def differing_from(agreed: Json, who: str, words: str) -> Json:
    """The same as `differing`, of whoever has but the document that the others sign: at a partner's site.

    Raises KeyError, ValueError, StopIteration, IndexError, TypeError: it is none of ours.
    """
    number, case, version = agreed["identifier"]["value"].split("/")
    composition, patient = (
        next(one["resource"] for one in agreed["entry"] if one["resource"]["resourceType"] == kind)
        for kind in ("Composition", "Patient")
    )
    began, made = composition["event"][0]["period"]["start"], agreed["timestamp"]
    whose = patient["identifier"][0]["value"], patient.get("name", [{}])[0].get("text", "")
    about = About(number, int(case), *whose, "", _ms(began), "", ())
    return differing(about, Concluded(int(version), "", "", "", _ms(made)), who, words)


def _ms(told: str) -> int:
    """The UTC of an instant, ms. Raises ValueError."""
    if (utc_s := utc_s_of(told)) is None:
        raise ValueError(f"expected an instant, got {told!r:.40}")
    return round(utc_s * 1000)


def _name(about: About, concluded: Concluded) -> str:
    """ "MC00000001/3/2": conference, case and version."""
    return f"{about.number}/{about.case}/{concluded.version}"


def _identifier(name: str) -> Json:
    return {"system": SYSTEM, "value": name}


def _bundle(name: str, utc_ms: int, first: Json, rest: Iterable[tuple[str, Json]]) -> Json:
    resources = [("composition", {**first, "subject": {"reference": urn(_base(name), "patient")}}), *rest]
    return {
        "resourceType": "Bundle",
        "identifier": _identifier(name),
        "type": "document",
        "timestamp": time(utc_ms),
        "entry": [{"fullUrl": urn(_base(name), part), "resource": one} for part, one in resources],
    }


def _base(name: str) -> str:
    return f"conclusion/{name}"


def _ref(name: str, part: str) -> Json:
    return {"reference": urn(_base(name), part)}


def _composition(about: About, concluded: Concluded, sections: list[Json], title: str) -> Json:
    return full(
        resourceType="Composition",
        text=_narrative([title, about.name, about.identifier]),
        identifier=_identifier(_name(about, concluded)),
        status="final" if concluded.version == 1 else "amended",
        type=loinc("Consult note", "11488-4"),
        date=time(concluded.utc_ms),
        author=people([concluded.by]),
        title=title,
        event=[{"period": {"start": time(about.began_ms)}}],
        section=sections,
    )


def _section(title: str, code: str, display: str, words: str, *entries: Json) -> Json:
    coded = loinc(display, code) if code else concept(title)
    return full(title=title, code=coded, text=_narrative(text(words).split("\n")), entry=list(entries))


def _patient(about: About) -> Json:
    identifier = {"value": text(about.identifier)}
    return full(resourceType="Patient", identifier=[identifier], name=[full(text=text(about.name))])


def _impression(about: About, concluded: Concluded) -> Json:
    name = _name(about, concluded)
    return full(
        resourceType="ClinicalImpression",
        identifier=[_identifier(name)],
        status="completed",
        description=text(about.question),
        subject=_ref(name, "patient"),
        effectiveDateTime=time(about.began_ms),
        date=time(concluded.utc_ms),
        summary=text(concluded.conclusion),
        note=[{"text": f"asked by {about.requester}"}] if about.requester else None,
    )


def _care_plan(about: About, concluded: Concluded) -> Json:
    name = _name(about, concluded)
    return full(
        resourceType="CarePlan",
        identifier=[_identifier(name)],
        status="active",
        intent="proposal",
        title="Plan of a conference",
        description=text(concluded.plan),
        subject=_ref(name, "patient"),
        created=time(concluded.utc_ms),
    )


def _narrative(lines: Iterable[str]) -> Json:
    paragraphs = "".join(f"<p>{escape(text(line), quote=False)}</p>" for line in lines if text(line))
    return {"status": "generated", "div": f'<div xmlns="{_XHTML}">{paragraphs or "<p>-</p>"}</div>'}

"""What was done and asked, and what alarmed, as FHIR R4 resources.

Codes are words: which drug or procedure a crew means no table of ours knows for certain.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.crew.entries import Checked, Mark
from controller.handover.case import Alarm, Case, Instruction, Request
from controller.handover.coded import Json, concept, full, notes, people, period, person, text, time
from controller.handover.words import Words
from devices.model.spelled import PRIORITIES

GIVEN = frozenset({"drug-given", "fluid-given", "oxygen-given"})
"""Marks that say that something was given."""
_SAID = frozenset({"note", "rosc", "scene-left"})
"""Marks that are no procedure."""
_STATUS = {"cpr-start": "in-progress"}

_EN = Words("en")


def given(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """A MedicationAdministration for each mark that says that something was given."""
    subject, encounter = about["subject"], about["encounter"]
    for mark in case.marks:
        if mark.code in GIVEN:
            yield full(
                resourceType="MedicationAdministration",
                status="completed",
                medicationCodeableConcept=concept(text(mark.text) or _name(mark)),
                subject=subject,
                context=encounter,
                effectiveDateTime=time(mark.at_ms),
                performer=[{"actor": one} for one in people([mark.by])],
                note=notes(_name(mark), mark.text),
            )


def treated(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """A Procedure, or an Observation of what is none, for every other mark; and the checklists."""
    for mark in case.marks:
        if mark.code in _SAID:
            yield _said(mark, about)
        elif mark.code not in GIVEN:
            yield full(
                resourceType="Procedure",
                status=_STATUS.get(mark.code, "completed"),
                code=concept(_name(mark)),
                performedDateTime=time(mark.at_ms),
                performer=[{"actor": one} for one in people([mark.by])],
                note=notes(mark.text),
                **about,
            )
    for name in dict.fromkeys(one.list for one in case.checks):
        yield _checklist(name, [one for one in case.checks if one.list == name], about)


def _said(mark: Mark, about: Mapping[str, Any]) -> Json:
    return full(
        resourceType="Observation",
        status="final",
        code=concept(_name(mark)),
        effectiveDateTime=time(mark.at_ms),
        performer=people([mark.by]),
        valueString=text(mark.text) or _name(mark),
        **about,
    )


def _checklist(name: str, items: list[Checked], about: Mapping[str, Any]) -> Json:
    return full(
        resourceType="Observation",
        status="final",
        code=concept(f"Checklist: {_EN.named('crew.list', name)}"),
        effectivePeriod=period(items[0].at_ms, items[-1].at_ms),
        performer=people(dict.fromkeys(one.by for one in items)),
        component=[
            {"code": concept(_EN.named("crew.item", one.item)), "valueBoolean": one.done} for one in items
        ],
        **about,
    )


def alarms(case: Case, about: Mapping[str, Any], devices: Mapping[str, str]) -> Iterable[Json]:
    """An Observation for each alarm, from its beginning to its end."""
    return (_alarm(one, about, devices) for one in case.alarms)


def _alarm(one: Alarm, about: Mapping[str, Any], devices: Mapping[str, str]) -> Json:
    words = [word for word, is_so in (("seen", one.is_seen), ("nobody reacted", one.is_escalated)) if is_so]
    beyond = f"{one.value} (limit {one.limit})" if one.limit else one.value
    by = devices.get(one.device or "")
    return full(
        resourceType="Observation",
        status="preliminary" if one.to_ms is None else "final",
        code=concept(f"Alarm: {_EN.named('alert', one.code)}"),
        effectivePeriod=period(one.from_ms, one.to_ms),
        valueString=text(beyond) or one.code,
        interpretation=[concept(f"priority {PRIORITIES[one.priority]}")],
        device=full(reference=by, display=text(one.device or one.gateway)),
        note=notes(", ".join(words)),
        **about,
    )


def asked(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """A ServiceRequest for each request of the crew, a Communication for each instruction to them."""
    yield from (_request(one, about) for one in case.requests)
    yield from (_instruction(one, about) for one in case.instructions)


def _request(one: Request, about: Mapping[str, Any]) -> Json:
    answered = one.answered_ms is not None
    answer = f"Acknowledged by {one.answered_by} at {time(one.answered_ms or 0)}: {one.answer or ''}"
    return full(
        resourceType="ServiceRequest",
        status="completed" if answered else "active",
        intent="order",
        code=concept(_EN.named("resource", one.resource)),
        authoredOn=time(one.at_ms),
        requester=person(one.by),
        note=notes(one.note, answer if answered else "Not acknowledged"),
        **about,
    )


def _instruction(one: Instruction, about: Mapping[str, Any]) -> Json:
    return full(
        resourceType="Communication",
        status="in-progress" if one.heard_ms is None else "completed",
        topic=concept("Instruction to the crew"),
        sent=time(one.at_ms),
        received=None if one.heard_ms is None else time(one.heard_ms),
        sender=person(one.by),
        recipient=people([one.heard_by]),
        payload=[{"contentString": text(one.text)}] if text(one.text) else None,
        note=notes("" if one.heard_ms is not None else "Not acknowledged"),
        **about,
    )


def _name(mark: Mark) -> str:
    return _EN.named("crew.mark", mark.code)

"""The checks (controller/prescriptions/checks/) of a prescription: what they find becomes its issues."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from controller.clock import Clock, utc_day
from controller.errors import NotFound
from controller.patients.model import Measured, PatientFacts
from controller.patients.register import Patients
from controller.prescriptions.checks import model as asked
from controller.prescriptions.checks.check import check
from controller.prescriptions.checks.knowledge import Knowledge
from controller.prescriptions.checks.units import Incomparable, quantity
from controller.prescriptions.model import (
    Basis,
    Coded,
    Ingredient,
    Issue,
    Medicine,
    Person,
    Prescription,
    Timing,
    Wanted,
)

_SEVERITY: Mapping[asked.Severity, Literal["high", "moderate", "low"]] = {
    asked.Severity.CONTRAINDICATED: "high",
    asked.Severity.SERIOUS: "high",
    asked.Severity.MODERATE: "moderate",
    asked.Severity.INFORMATION: "low",
}
_ROUTES: Mapping[str, str] = {
    "26643006": "oral",
    "37839007": "sublingual",
    "37161004": "rectal",
    "47625008": "intravenous",
    "78421000": "intramuscular",
    "34206005": "subcutaneous",
    "72607000": "intrathecal",
    "447694001": "inhaled",
    "46713006": "nasal",
    "54485002": "ophthalmic",
    "6064005": "topical",
    "45890007": "transdermal",
}
"""The checks' words for SNOMED CT's codes of routes."""
_STRENGTH = re.compile(r"([0-9.]+) ?([^ /]+)(?: ?/ ?(?:([0-9.]+) ?)?([^ /]+))?")
_DRAFT = "draft"
"""The id of what is checked: a hint about it is the same before and after it has a number."""


class KnownChecks:
    """Asks the knowledge bases."""

    def __init__(self, knowledge: Knowledge, patients: Patients, clock: Clock) -> None:
        self._knowledge = knowledge
        self._patients = patients
        self._clock = clock

    async def hints(self, person: Person, wanted: Wanted, others: Sequence[Prescription]) -> Sequence[Issue]:
        """See prescribing.Checks. What could not be checked is an issue of low severity."""
        found = await self.look(person, _line(_DRAFT, wanted), others)
        return issues_of(found)

    async def look(self, person: Person, line: asked.Line, others: Sequence[Prescription]) -> asked.Checked:
        """All that is found of a line, with its sources."""
        try:
            facts = _facts(await self._patients.find(person.identifier))
        except NotFound:
            facts = asked.Facts()
        lines = [_line(one.number, one.wanted) for one in others]
        return check(self._knowledge, line, lines, facts, utc_day(self._clock.utc_us()))

    def sources(self) -> Sequence[asked.Source]:
        """See prescribing.Checks."""
        return [one.source for one in self._knowledge.bases]


def begun_line(medicine: Medicine) -> asked.Line:
    """A prescription of which no more than the medicine is said."""
    return asked.Line(id=_DRAFT, medicine=_medicine(medicine, ""))


def draft_line(wanted: Wanted) -> asked.Line:
    """A prescription that is written: its hints have the codes that they have when it is saved."""
    return _line(_DRAFT, wanted)


def issues_of(found: asked.Checked) -> list[Issue]:
    """What was found, and what was not checked, as a prescription keeps it."""
    return [*map(_of_hint, found.hints), *map(_of_gap, found.not_checked)]


def _of_hint(one: asked.Hint) -> Issue:
    return Issue(
        one.id,
        _SEVERITY[one.severity],
        _words(one.what),
        kind=one.kind.value,
        grade=one.severity.value,
        en=one.what.en,
        zh=one.what.zh,
        facts=tuple(Basis(fact.name, fact.value, fact.unit, fact.age_days) for fact in one.facts),
        source=one.source,
        edition=one.edition,
        licence=one.licence,
        reference=one.reference,
    )


def _of_gap(one: asked.Gap) -> Issue:
    said = one.what
    return Issue(one.id, "low", _words(said), kind=one.kind.value, gap=one.code, en=said.en, zh=said.zh)


def _words(said: asked.Text) -> str:
    return said.en if said.en == said.zh else f"{said.en} / {said.zh}"


def _line(name: str, wanted: Wanted) -> asked.Line:
    timing, dose = wanted.timing, _amount(wanted.dose.value, wanted.dose.unit)
    as_needed = timing.rhythm == "as-needed"
    return asked.Line(
        id=name,
        medicine=_medicine(wanted.medicine, wanted.dose.unit),
        dose=dose,
        timing=_timing(timing),
        route=_ROUTES.get(wanted.route.code, ""),
        as_needed=as_needed,
        max_per_day=dose.times(timing.times) if dose and as_needed else None,
    )


def _timing(timing: Timing) -> asked.Timing | None:
    match timing.rhythm:
        case "once":
            return None
        case "every":
            return asked.Timing(1, timing.hours, "h")
        case "at":
            return asked.Timing(len(timing.at), 1, "d")
        case "per-day" | "as-needed":
            return asked.Timing(timing.times, 1, "d")


def _medicine(what: Medicine, unit: str) -> asked.Medicine:
    parts = tuple(ingredient_of(one, unit) for one in what.ingredients)
    return asked.Medicine(what.code.system, what.code.code, what.code.display, parts, what.form)


def ingredient_of(one: Ingredient, unit: str) -> asked.Ingredient:
    """As the checks know it; `unit`: what its strength is in one of, where it does not say."""
    return asked.Ingredient(one.substance.display, _codes(one.substance), _strength(one.strength, unit))


def _codes(one: Coded) -> tuple[asked.Coding, ...]:
    return (asked.Coding(one.system, one.code),) if one.code else ()


def _strength(words: str, unit: str) -> asked.Strength | None:
    """ "500 mg" is in one of what is counted; "50 mg/5 mL" says in how much."""
    found = _STRENGTH.fullmatch(words.strip())
    if found is None:
        return None
    held = _amount(found[1], found[2])
    per = _amount(found[3] or "1", found[4] or (unit if unit.startswith("{") else ""))
    return asked.Strength(held, per) if held and per else None


def _amount(value: str, unit: str) -> asked.Quantity | None:
    try:
        return quantity(value, unit)
    except Incomparable:
        return None


def _facts(known: PatientFacts) -> asked.Facts:
    allergies = tuple(
        asked.Allergy(one.system, one.code, one.display, one.criticality, one.status)
        for one in known.allergies
    )
    return asked.Facts(
        birth_date=known.birth_date or "",
        sex=known.sex or "",
        allergies=allergies,
        no_known_allergies=known.no_known_allergies is not None,
        weight=_measured(known.weight),
        creatinine=_measured(known.creatinine),
    )


def _measured(one: Measured | None) -> asked.Measured | None:
    return one and asked.Measured(one.value, one.unit, one.at_ms)

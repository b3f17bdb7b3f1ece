"""Is it too much: each time, in a day with all prescriptions, in a week, by the limits for this patient?

Only too much is looked at. What a limit needs and is not known (weight, age, renal function, route) becomes a
gap, unless the dose is within the limit anyway.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from controller.prescriptions.checks.amounts import Amounts, Unsaid, amounts, per_week
from controller.prescriptions.checks.findings import Finding, gap, hint, name_of
from controller.prescriptions.checks.knowledge import Base, Knowledge, Limit, Substance
from controller.prescriptions.checks.model import Fact, Gap, Hint, Ingredient, Kind, Line, Text
from controller.prescriptions.checks.patient import ADULT_YEARS, Patient
from controller.prescriptions.checks.units import Incomparable, Quantity, convert

_RENAL = ("clearance", "creatinine", "weight", "age", "sex")
_WORDS = {
    "dose": Text("each time", "每次"),
    "day": Text("in a day", "每日"),
    "week": Text("in a week", "每周"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One ingredient of the line, as one base knows it."""

    base: Base
    one: Substance
    ingredient: Ingredient
    line: Line
    others: Sequence[Line]
    patient: Patient


def check_doses(
    knowledge: Knowledge, wanted: Line, others: Sequence[Line], patient: Patient
) -> Iterator[Hint | Gap]:
    """Hints and gaps of each ingredient of the line."""
    for ingredient in wanted.medicine.ingredients:
        judged = False
        for base in knowledge.bases:
            if one := base.find(ingredient):
                asked = _Asked(base, one, ingredient, wanted, others, patient)
                for limit in base.limits.get(one.code, ()):
                    judged |= _is_data(limit, patient, wanted)
                    yield from _judged(asked, limit)
        if not judged:
            yield gap(Kind.DOSE, "no-dose-data", ingredient.display)


def _is_data(limit: Limit, patient: Patient, line: Line) -> bool:
    """Whether it says how much this patient may have: an adult's maximum says nothing of a child."""
    child = patient.age is not None and patient.age.years < ADULT_YEARS
    of_children = limit.age_below is not None or _per_kg(limit)
    return limit.per != "never" and _missing(limit, patient, line) == "" and (of_children or not child)


def _per_kg(limit: Limit) -> bool:
    return limit.most.unit.endswith("/kg")


def _holds(limit: Limit, patient: Patient, line: Line) -> bool:
    """Whether it is for this patient and route, as far as is known."""
    age, weight, clearance = patient.age, patient.weight, patient.clearance
    return not (
        (limit.routes and line.route and line.route not in limit.routes)
        or (limit.age_from and age and not age.reaches(limit.age_from))
        or (limit.age_below and age and age.reaches(limit.age_below))
        or (limit.weight_below is not None and weight is not None and weight >= limit.weight_below)
        or (
            limit.clearance_below is not None and clearance is not None and clearance >= limit.clearance_below
        )
    )


def _missing(limit: Limit, patient: Patient, line: Line) -> str:
    """The code of the gap that hides whether it holds; "elsewhere": not for this patient; "": it holds."""
    if not _holds(limit, patient, line):
        return "elsewhere"
    if limit.routes and not line.route:
        return "no-route"
    if (limit.age_from or limit.age_below) and patient.age is None:
        return patient.why["age"]
    if limit.weight_below is not None and patient.weight is None:
        return patient.why["weight"]
    if limit.clearance_below is not None and patient.clearance is None:
        return patient.why["clearance"]
    return ""


def _judged(asked: _Asked, limit: Limit) -> Iterator[Hint | Gap]:
    missing = _missing(limit, asked.patient, asked.line)
    if missing == "elsewhere":
        return
    name = name_of(asked.line)
    try:
        if limit.per == "never":
            found, lost = _never(asked, limit), ""
        else:
            found, lost = _more(asked, limit)
    except Unsaid as unsaid:
        yield gap(Kind.DOSE, unsaid.code, name)
        return
    if lost:
        yield gap(Kind.DOSE, lost, name)
    if missing and found:
        yield gap(Kind.DOSE, missing, name)
    elif found:
        yield hint(found, asked.base)


def _facts(limit: Limit, patient: Patient) -> tuple[Fact, ...]:
    """Those that it was judged by."""
    used: set[str] = set()
    if limit.age_from or limit.age_below:
        used.add("age")
    if limit.weight_below is not None or _per_kg(limit):
        used.add("weight")
    if limit.clearance_below is not None:
        used.update(_RENAL)
    return tuple(patient.facts[name] for name in sorted(used) if name in patient.facts)


def _never(asked: _Asked, limit: Limit) -> Finding:
    bounded = limit.age_from or limit.age_below or limit.clearance_below is not None
    name, note = asked.one.name, limit.note
    what = Text(f"{name.en} is not to be given: {note.en}", f"不应使用{name.zh}：{note.zh}")
    kind = Kind.PATIENT if bounded else Kind.DOSE
    return Finding(
        kind, limit.severity, what, (asked.line.id,), _facts(limit, asked.patient), limit.reference
    )


def _more(asked: _Asked, limit: Limit) -> tuple[Finding | None, str]:
    """What is too much, and the code of a gap beside it. Raises Unsaid."""
    most = _most(limit, asked.patient)
    own = amounts(asked.line, asked.ingredient)
    given, lines, lost = _given(asked, limit, own)
    if given is None:
        return None, lost
    try:
        value = convert(given, most.unit)
    except Incomparable as error:
        raise Unsaid("incomparable-dose") from error
    if value <= most.value:
        return None, lost
    name, when, note = asked.one.name, _WORDS[limit.per], limit.note
    total = Quantity(value, most.unit)
    of = Text(f" ({limit.most})", f"（{limit.most}）") if _per_kg(limit) else Text("", "")
    what = Text(f"{name.en}, {total} {when.en} is more than {most}{of.en}: {note.en}",
                f"{name.zh}{when.zh} {total}，超过 {most}{of.zh}：{note.zh}")  # fmt: skip
    return Finding(
        Kind.DOSE, limit.severity, what, lines, _facts(limit, asked.patient), limit.reference
    ), lost


def _most(limit: Limit, patient: Patient) -> Quantity:
    """For this body. Raises Unsaid."""
    if not _per_kg(limit):
        return limit.most
    if patient.weight is None:
        raise Unsaid(patient.why["weight"])
    return Quantity(limit.most.value * patient.weight, limit.most.unit.removesuffix("/kg"))


def _given(asked: _Asked, limit: Limit, own: Amounts) -> tuple[Quantity | None, tuple[str, ...], str]:
    """The amount that the limit is of, the lines that it is from, and the code of a gap."""
    alone = (asked.line.id,)
    if limit.per == "dose":
        return own.dose, alone, ""
    if limit.per == "week":
        return _week(asked.line, own), alone, ""
    if own.day is None:
        return None, alone, "no-daily-dose"
    total, lines, lost = own.day, [asked.line.id], ""
    for other, ingredient in _with_same(asked, limit):
        try:
            day = amounts(other, ingredient).day
            if day is None:
                raise Unsaid("no-sum")
            total = Quantity(total.value + convert(day, total.unit), total.unit)
            lines.append(other.id)
        except (Unsaid, Incomparable):
            lost = "no-sum"
    return total, tuple(sorted(lines)), lost


def _week(line: Line, own: Amounts) -> Quantity | None:
    if line.timing is None and own.day is not None and line.as_needed:
        return own.day.times(7)
    return own.dose.times(per_week(line.timing) if line.timing else Fraction(1))


def _with_same(asked: _Asked, limit: Limit) -> Iterator[tuple[Line, Ingredient]]:
    """Other lines with the same substance, by a route that the limit is of."""
    for other in asked.others:
        if limit.routes and other.route and other.route not in limit.routes:
            continue
        for ingredient in other.medicine.ingredients:
            found = asked.base.find(ingredient)
            if found and found.code == asked.one.code:
                yield other, ingredient

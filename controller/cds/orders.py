"""A MedicationRequest of FHIR R4 as a client of ours gives it, read as a line for our own checks.

    lines = lines_of(context)            # [(line or None, what was not read or not understood)]

What is not understood is said, never guessed: an amount without a UCUM unit, a medicine only referred to.
"""

from collections.abc import Iterator
from typing import Any

from controller.prescriptions.checks.model import Coding, Ingredient, Line, Medicine, Strength, Timing
from controller.prescriptions.checks.units import Incomparable, Quantity, quantity

Json = dict[str, Any]
MOST = 20
UCUM = "http://unitsofmeasure.org"


class Unread(Exception):
    """An order of which our checks cannot be asked: says why."""


def lines_of(context: Json) -> list[tuple[Line | None, str]]:
    """Each draft order: its line, and what of it was not looked at; None: all of it."""
    found = [_part(one, "resource") for one in _list(_part(context, "draftOrders"), "entry")]
    if not found:
        return [(None, "there is no order in draftOrders")]
    read = [_line(number, one) for number, one in enumerate(found[:MOST], 1)]
    beyond = len(found) - MOST
    return read + ([(None, f"{beyond} more orders: at most {MOST} are looked at")] if beyond > 0 else [])


def _line(number: int, order: Json) -> tuple[Line | None, str]:
    try:
        line = _read(number, order)
    except Unread as error:
        return None, str(error)
    return line, _passed_over(order, line)


def _passed_over(order: Json, line: Line) -> str:
    """What of its dosage was not looked at; "": nothing, or the checks say so themselves."""
    name = line.medicine.display or line.medicine.code
    dosages, first = _list(order, "dosageInstruction"), _first(order, "dosageInstruction")
    if (steps := max(len(dosages), len(_list(first, "doseAndRate")))) > 1:
        return f"{name} has {steps} dosages: only the first was looked at"
    if line.dose and not line.timing and not line.as_needed and not _is_once(_part(first, "timing")):
        return f"how often {name} is given is not understood: it was looked at as given once"
    return ""


def _is_once(timing: Json) -> bool:
    events = timing.get("event")
    return _part(timing, "repeat").get("count") == 1 or (isinstance(events, list) and len(events) == 1)


def _read(number: int, order: Json) -> Line:
    kind = _text(order.get("resourceType"))[:40]
    if kind != "MedicationRequest":
        raise Unread(f"{kind or 'an order without resourceType'} is not looked at here")
    medicine = _medicine(order)
    dosage = _first(order, "dosageInstruction")
    rate = _first(dosage, "doseAndRate")
    needed = dosage.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage
    dose = _amount(_part(rate, "doseQuantity"))
    return Line(f"order-{number}", medicine, dose, _timing(dosage), as_needed=needed)


def _medicine(order: Json) -> Medicine:
    """Coded in place, or contained."""
    concept = _part(order, "medicationCodeableConcept")
    name = _text(_part(order, "medicationReference").get("reference"))
    parts: list[Ingredient] = []
    if not concept and name.startswith("#"):
        held = next((one for one in _list(order, "contained") if one.get("id") == name[1:]), {})
        concept = _part(held, "code")
        parts = [_ingredient(one) for one in _list(held, "ingredient")[:20]]
    codes = list(_codes(concept))
    display = _display(concept)
    if not (display or codes):
        raise Unread("a medicine without code and name is not looked at here")
    first = codes[0] if codes else Coding("", "")
    return Medicine(first.system, first.code, display, tuple(parts) or (Ingredient(display, tuple(codes)),))


def _ingredient(one: Json) -> Ingredient:
    concept, ratio = _part(one, "itemCodeableConcept"), _part(one, "strength")
    amount, per = (_amount(_part(ratio, name)) for name in ("numerator", "denominator"))
    strength = Strength(amount, per) if amount and per else None
    return Ingredient(_display(concept), tuple(_codes(concept)), strength)


def _timing(dosage: Json) -> Timing | None:
    repeat = _part(_part(dosage, "timing"), "repeat")
    if "frequencyMax" in repeat or "periodMax" in repeat:
        return None  # how often is between two
    times = repeat.get("frequency"), repeat.get("period"), repeat.get("periodUnit")
    match times:
        case (int() as often, int() as period, "min" | "h" | "d" | "wk" as unit) if often > 0 and period > 0:
            return Timing(min(often, 1000), min(period, 1000), unit)
        case _:
            return None


def _amount(told: Json) -> Quantity | None:
    value, unit = told.get("value"), _text(told.get("code"))
    if isinstance(value, bool) or not isinstance(value, int | float) or told.get("system") != UCUM:
        return None
    try:
        return quantity(repr(value), unit)
    except Incomparable:
        return None


def _codes(concept: Json) -> Iterator[Coding]:
    for one in _list(concept, "coding")[:20]:
        system, code = _text(one.get("system")), _text(one.get("code"))
        if system and code:
            yield Coding(system[:200], code[:64])


def _display(concept: Json) -> str:
    shown = [_text(one.get("display")) for one in _list(concept, "coding")]
    return next((one for one in (_text(concept.get("text")), *shown) if one), "")[:200]


def _part(held: Json, name: str) -> Json:
    value = held.get(name)
    return value if isinstance(value, dict) else {}


def _list(held: Json, name: str) -> list[Json]:
    value = held.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(held: Json, name: str) -> Json:
    return next(iter(_list(held, name)), {})


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

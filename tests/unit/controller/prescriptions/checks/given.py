"""Lines, patients and small bases for the specifications of the checks."""

from dataclasses import replace
from datetime import date

from controller.prescriptions.checks.knowledge import Knowledge
from controller.prescriptions.checks.model import (
    ATC,
    Allergy,
    Checked,
    Coding,
    Facts,
    Ingredient,
    Line,
    Measured,
    Medicine,
    Strength,
    Timing,
)
from controller.prescriptions.checks.reading import starter
from controller.prescriptions.checks.units import quantity

TODAY = date(2026, 11, 26)
NOW_MS = 1_795_651_200_000
"""2026-11-26 00:00 UTC."""
DAY_MS = 86_400_000
STARTER = starter()
KNOWLEDGE = Knowledge((STARTER,))
ADULT = Facts(
    birth_date="1960-05-01",
    sex="male",
    no_known_allergies=True,
    weight=Measured(71, "kg", NOW_MS - 90 * DAY_MS),
    creatinine=Measured(80, "umol/L", NOW_MS - 2 * DAY_MS),
)
CHILD = replace(ADULT, birth_date="2021-02-01", weight=Measured(18, "kg", NOW_MS - DAY_MS), creatinine=None)


def medicine(*codes: str, strengths: dict[str, Strength] | None = None) -> Medicine:
    """Of substances of the starter set, by their ATC codes where they have one."""
    parts: list[Ingredient] = []
    for code in codes:
        one = STARTER.substances[code]
        coding = Coding(ATC, one.atc[0]) if one.atc else Coding(STARTER.system, code)
        parts.append(Ingredient(one.name.en, (coding,), (strengths or {}).get(code)))
    return Medicine("urn:test", "+".join(codes), " + ".join(codes), tuple(parts))


def line(
    *codes: str, dose: str = "", times: int | None = 1, route: str = "oral", of: str = "", **more: object
) -> Line:
    """`dose` as "500 mg"; `times` a day, None: once."""
    value, _, unit = dose.partition(" ")
    timing = None if times is None else Timing(times, 1, "d")
    made = Line(
        of or "+".join(codes), medicine(*codes), quantity(value, unit) if dose else None, timing, route
    )
    return replace(made, **more)  # type: ignore[arg-type]


def allergic(*names: str, criticality: str = "") -> Facts:
    """The adult with allergies that are recorded as words."""
    found = tuple(Allergy("", "", name, criticality) for name in names)
    return replace(ADULT, allergies=found, no_known_allergies=False)


def severities(checked: Checked, kind: str) -> list[str]:
    return [str(hint.severity) for hint in checked.hints if hint.kind == kind]


def gaps(checked: Checked) -> set[str]:
    return {gap.code for gap in checked.not_checked}

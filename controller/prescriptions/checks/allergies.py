"""Is the patient allergic to what is prescribed: itself, an ingredient, its group, or something related?"""

from collections.abc import Iterator

from controller.prescriptions.checks.findings import Finding, gap, hint
from controller.prescriptions.checks.knowledge import Base, Cross, Knowledge, Substance, folded
from controller.prescriptions.checks.model import (
    Allergy,
    Coding,
    Fact,
    Facts,
    Gap,
    Hint,
    Ingredient,
    Kind,
    Line,
    Severity,
    Text,
)


def check_allergies(knowledge: Knowledge, wanted: Line, facts: Facts) -> Iterator[Hint | Gap]:
    """Hints and gaps. An allergy that no base knows is still compared by code and name."""
    active = [one for one in facts.allergies if one.status == "active"]
    if not active and not facts.no_known_allergies:
        yield gap(Kind.ALLERGY, "allergies-not-recorded")
    for allergy in active:
        yield from (hint(found, None) for found in _same(wanted, allergy))
        keys = [(base, base.key(allergy.system, allergy.code, allergy.display)) for base in knowledge.bases]
        if not any(key for _, key in keys):
            yield gap(Kind.ALLERGY, "unknown-allergy", allergy.display)
        yield from (found for base, key in keys if key for found in _by_base(base, key, wanted, allergy))


def _finding(severity: Severity, what: Text, wanted: Line, allergy: Allergy, reference: str = "") -> Finding:
    """An allergy of high criticality to what is related is no less than serious."""
    if allergy.criticality == "high" and severity == Severity.MODERATE:
        severity = Severity.SERIOUS
    fact = Fact("allergy", allergy.display)
    return Finding(Kind.ALLERGY, severity, what, (wanted.id,), (fact,), reference)


def _same(wanted: Line, allergy: Allergy) -> Iterator[Finding]:
    medicine = wanted.medicine
    itself = Ingredient(medicine.display, (Coding(medicine.system, medicine.code),))
    for one in (itself, *medicine.ingredients):
        coded = bool(allergy.code) and Coding(allergy.system, allergy.code) in one.codes
        if coded or folded(one.display) == folded(allergy.display):
            what = Text(f"the patient is allergic to {one.display}", f"患者对{one.display}过敏")
            yield _finding(Severity.CONTRAINDICATED, what, wanted, allergy)


def _by_base(base: Base, key: str, wanted: Line, allergy: Allergy) -> Iterator[Hint]:
    for ingredient in wanted.medicine.ingredients:
        if one := base.find(ingredient):
            yield from (hint(found, base) for found in _known(base, key, one, wanted, allergy))


def _known(base: Base, key: str, one: Substance, wanted: Line, allergy: Allergy) -> Iterator[Finding]:
    """`key`: what the patient is allergic to."""
    name = one.name
    if key == one.code:
        what = Text(f"the patient is allergic to {name.en}", f"患者对{name.zh}过敏")
        yield _finding(Severity.CONTRAINDICATED, what, wanted, allergy)
    elif key in one.groups:
        group = base.groups[key].name
        what = Text(f"{name.en} is one of the {group.en} that the patient is allergic to",
                    f"{name.zh}属于患者过敏的{group.zh}")  # fmt: skip
        yield _finding(Severity.CONTRAINDICATED, what, wanted, allergy)
    else:
        known = base.substances[key].named_by() if key in base.substances else {key}
        for rule in base.crosses:
            if rule.known in known and rule.given in one.named_by():
                yield _finding(rule.severity, _words(rule, allergy, name), wanted, allergy, rule.reference)


def _words(rule: Cross, allergy: Allergy, name: Text) -> Text:
    said = allergy.display
    return Text(f"allergic to {said}; {name.en} is related: {rule.note.en}",
                f"对{said}过敏；{name.zh}有交叉反应可能：{rule.note.zh}")  # fmt: skip

"""What speaks against two prescriptions at once: the same substance twice, the same class, an interaction."""

from collections.abc import Iterator, Sequence

from controller.prescriptions.checks.findings import Finding, gap, hint, name_of
from controller.prescriptions.checks.knowledge import Base, Knowledge, Substance
from controller.prescriptions.checks.model import ATC, Gap, Hint, Ingredient, Kind, Line, Severity, Text


def check_pairs(knowledge: Knowledge, wanted: Line, others: Sequence[Line]) -> Iterator[Hint | Gap]:
    """Hints and gaps of the line with each of the others."""
    for other in others:
        for one in wanted.medicine.ingredients:
            for two in other.medicine.ingredients:
                yield from _coded(one, two, wanted, other)
                yield from _by_bases(knowledge, (one, two), wanted, other)


def _ids(wanted: Line, other: Line) -> tuple[str, ...]:
    return tuple(sorted((wanted.id, other.id)))


def _duplicate(severity: Severity, what: Text, wanted: Line, other: Line) -> Finding:
    return Finding(Kind.DUPLICATE, severity, what, _ids(wanted, other))


def _same(name: Text, other: Line) -> Text:
    return Text(f"{name.en} is also in {name_of(other)}", f"{name_of(other)}也含{name.zh}")


def _level_4(one: Ingredient) -> set[str]:
    """ATC groups of the 4th level that hold like substances: not "other …" (X), nor solutions (B05)."""
    codes = {coding.code[:5] for coding in one.codes if coding.system == ATC and len(coding.code) == 7}
    return {code for code in codes if code[4] != "X" and not code.startswith("B05")}


def _coded(one: Ingredient, two: Ingredient, wanted: Line, other: Line) -> Iterator[Hint]:
    if set(one.codes) & set(two.codes):
        what = _same(Text(one.display, one.display), other)
        yield hint(_duplicate(Severity.SERIOUS, what, wanted, other), None)
    elif common := _level_4(one) & _level_4(two):
        group = min(common)
        what = Text(f"{one.display} and {two.display} in {name_of(other)} are of the same class, ATC {group}",
                    f"{one.display}与{name_of(other)}中的{two.display}属于同一类（ATC {group}）")  # fmt: skip
        yield hint(_duplicate(Severity.MODERATE, what, wanted, other), None)


def _by_bases(
    knowledge: Knowledge, pair: tuple[Ingredient, Ingredient], wanted: Line, other: Line
) -> Iterator[Hint | Gap]:
    """A pair that one base knows whole is checked; two bases that know one each know nothing of the pair."""
    checked = False
    for base in knowledge.bases:
        one, two = base.find(pair[0]), base.find(pair[1])
        if one and two:
            checked |= bool(base.interactions)
            twice = _twice(base, one, two, wanted, other)
            yield from (hint(found, base) for found in (*twice, *_together(base, one, two, wanted, other)))
    if not checked:
        yield gap(Kind.INTERACTION, "unknown-pair", " + ".join(sorted(each.display for each in pair)))


def _twice(base: Base, one: Substance, two: Substance, wanted: Line, other: Line) -> Iterator[Finding]:
    if one.code == two.code:
        yield _duplicate(Severity.SERIOUS, _same(one.name, other), wanted, other)
        return
    for key in sorted(one.groups & two.groups):
        if (group := base.groups[key]).duplicate:
            what = Text(f"{one.name.en} and {two.name.en} are both {group.name.en}",
                        f"{one.name.zh}与{two.name.zh}同属{group.name.zh}")  # fmt: skip
            yield _duplicate(Severity.MODERATE, what, wanted, other)


def _together(base: Base, one: Substance, two: Substance, wanted: Line, other: Line) -> Iterator[Finding]:
    if one.code == two.code:
        return
    for rule in base.between(one, two):
        first, second = sorted((one, two), key=lambda each: each.code)
        what = Text(f"{first.name.en} + {second.name.en}: {rule.effect.en}",
                    f"{first.name.zh} + {second.name.zh}：{rule.effect.zh}")  # fmt: skip
        yield Finding(Kind.INTERACTION, rule.severity, what, _ids(wanted, other), (), rule.reference)

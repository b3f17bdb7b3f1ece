"""What a base knows, found by the codes that a prescription carries.

Several bases are asked one by one and never mixed: each hint is of one of them, and another base
more can only add hints.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from controller.prescriptions.checks.model import ATC, RXNORM, Coding, Ingredient, Severity, Source, Text
from controller.prescriptions.checks.units import Quantity


def folded(text: str) -> str:
    """A name as names are compared: without case and needless spaces."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Substance:
    """One substance; its `code` is the base's own."""

    code: str
    name: Text
    atc: tuple[str, ...]
    """WHO ATC, 5th level, as identifiers."""
    rxnorm: str
    groups: frozenset[str]
    synonyms: tuple[str, ...]
    high_alert: bool

    def named_by(self) -> frozenset[str]:
        """What a rule may name it by: its code, or one of its groups as `group:code`."""
        return self.groups | {self.code}


@dataclass(frozen=True, slots=True)
class Group:
    """Substances that a rule names together: penicillins, NSAIDs, strong inhibitors of CYP3A4."""

    code: str
    """group:…"""
    name: Text
    synonyms: tuple[str, ...]
    duplicate: bool
    """Two of them at once are a duplicate."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An age: so many completed days (d), months (m) or years (y)."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of a substance, for whom it holds: half-open ranges [from, below), None: no bound."""

    substance: str
    routes: frozenset[str]
    """Empty: any."""
    age_from: Bound | None
    age_below: Bound | None
    weight_below: Fraction | None
    """kg"""
    clearance_below: Fraction | None
    """Creatinine clearance, mL/min (Cockcroft-Gault)."""
    per: str
    """dose, day, week; never: it is not to be given at all."""
    most: Quantity
    """mg, or mg/kg of body weight."""
    severity: Severity
    note: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two substances or groups that are not to be given together, or with care."""

    one: str
    other: str
    severity: Severity
    effect: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Cross:
    """Who is allergic to `known` (a substance or group) may be to `given`."""

    known: str
    given: str
    severity: Severity
    note: Text
    reference: str


@dataclass(frozen=True)
class Base:
    """One base, with what it takes to find things in it."""

    source: Source
    substances: Mapping[str, Substance]
    groups: Mapping[str, Group]
    limits: Mapping[str, tuple[Limit, ...]]
    """By substance."""
    interactions: tuple[Interaction, ...]
    crosses: tuple[Cross, ...]
    system: str
    """URI of its own codes."""
    _codes: dict[tuple[str, str], Substance] = field(init=False, repr=False)
    _names: dict[str, str] = field(init=False, repr=False)
    _pairs: dict[tuple[str, str], list[Interaction]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        codes = {key: one for one in self.substances.values() for key in self._coded(one)}
        object.__setattr__(self, "_codes", codes)
        object.__setattr__(self, "_names", dict(self._named()))
        pairs: dict[tuple[str, str], list[Interaction]] = {}
        for rule in self.interactions:
            for pair in {(rule.one, rule.other), (rule.other, rule.one)}:
                pairs.setdefault(pair, []).append(rule)
        object.__setattr__(self, "_pairs", pairs)

    def _coded(self, one: Substance) -> Iterator[tuple[str, str]]:
        yield self.system, one.code
        yield from ((ATC, code) for code in one.atc)
        if one.rxnorm:
            yield RXNORM, one.rxnorm

    def _named(self) -> Iterator[tuple[str, str]]:
        for group in self.groups.values():
            yield from (
                (folded(name), group.code) for name in (group.name.en, group.name.zh, *group.synonyms)
            )
        for one in self.substances.values():
            yield from ((folded(name), one.code) for name in (one.name.en, one.name.zh, *one.synonyms))

    def by_code(self, system: str, code: str) -> Substance | None:
        """The substance of a code of its own system, of ATC or of RxNorm."""
        return self._codes.get((system, code))

    def find(self, ingredient: Ingredient) -> Substance | None:
        """By any of its codes; else by its exact name."""
        for coding in ingredient.codes:
            if found := self.by_code(coding.system, coding.code):
                return found
        return self.substances.get(self._names.get(folded(ingredient.display), ""))

    def key(self, system: str, code: str, display: str) -> str:
        """What a rule names a recorded allergy by: a substance or a `group:…`; "" if it is not known."""
        if found := self.by_code(system, code):
            return found.code
        if system == self.system and code in self.groups:
            return code
        return self._names.get(folded(display), "")

    def between(self, one: Substance, other: Substance) -> list[Interaction]:
        """The rules for two substances, whichever way round, each once."""
        found: dict[int, Interaction] = {}
        for a in one.named_by():
            for b in other.named_by():
                found |= {id(rule): rule for rule in self._pairs.get((a, b), ())}
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All bases of a site, in the order in which they are listed to a person."""

    bases: tuple[Base, ...]

    def known(self, ingredient: Ingredient) -> bool:
        """Whether any base knows it."""
        return any(base.find(ingredient) for base in self.bases)


def codings(one: Substance, system: str) -> tuple[Coding, ...]:
    """All codes of a substance, for a medicine that is made of it."""
    rxnorm: Iterable[Coding] = (Coding(RXNORM, one.rxnorm),) if one.rxnorm else ()
    return (Coding(system, one.code), *(Coding(ATC, code) for code in one.atc), *rxnorm)

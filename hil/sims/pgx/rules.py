"""The rules: from a genotype to a function, from function and medicine to advice. Tables; no reader of time.

    function_of("CYP2C19", "*2/*2")                    # "poor metabolizer"; None: not in the table
    advice_for({"B01AC04"}, "CYP2C19", "poor metabolizer")     # Rule(…), or None

Sources: the guidelines of CPIC (cpicpgx.org, content CC0 1.0) that each row names; functions of alleles as in
its tables (compared with the copy in PharmCAT).
What a row leaves out (indication, children, several genes at once) the card says.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_ALLELES, _RULES = "alleles.csv", "rules.csv"
LICENCE = "CC0 1.0 (cpicpgx.org/license)"
NEWER = "TPMT and NUDT15 and Thiopurines"
"""CPIC published a later edition (2026) of this one, which is not in the table."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of rules.csv."""

    gene: str
    function: str
    atc: str
    rxnorm: str
    drug: str
    indicator: str
    advice: str
    strength: str
    guideline: str
    pmid: str
    edition: str


def function_of(gene: str, genotype: str) -> str | None:
    """What two alleles make, in CPIC's words; None: one of them is not in the table."""
    if gene == "HLA-B":
        known = ("*57:01 positive", "*57:01 negative")
        return genotype if genotype in known else None
    table = _alleles()
    found = [table.get((gene, one.strip())) for one in genotype.split("/")]
    kinds = [one for one in found if one is not None]
    if len(found) != 2 or len(kinds) != 2:
        return None
    return _activity(kinds) if gene == "DPYD" else _two(gene, kinds)


def advice_for(codes: Collection[str], gene: str, function: str) -> Rule | None:
    """The row for a medicine, by ATC or RxNorm."""
    fits = (one for one in rules() if one.gene == gene and one.function == function)
    return next((one for one in fits if one.atc in codes or one.rxnorm in codes), None)


def genes_for(codes: Collection[str]) -> dict[str, str]:
    """The genes that matter for a medicine, with its name."""
    return {one.gene: one.drug for one in rules() if one.atc in codes or one.rxnorm in codes}


@cache
def rules() -> tuple[Rule, ...]:
    """All rows."""
    return tuple(Rule(**row) for row in _rows(_RULES))


@cache
def _alleles() -> dict[tuple[str, str], str]:
    return {(row["gene"], row["allele"]): row["function"] for row in _rows(_ALLELES)}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files("hil.sims.pgx").joinpath(name).read_text(encoding="utf-8").splitlines()))


def _two(gene: str, kinds: list[str]) -> str:
    lost, more = kinds.count("none"), kinds.count("increased")
    if gene == "SLCO1B1":
        return ("normal function", "decreased function", "poor function")[lost]
    if lost:
        return ("intermediate metabolizer", "poor metabolizer")[lost - 1]
    return ("normal metabolizer", "rapid metabolizer", "ultrarapid metabolizer")[more]


def _activity(kinds: list[str]) -> str:
    """DPYD: the sum of both alleles (2: normal, 1 and 1.5: intermediate, less: poor)."""
    score = sum(map(float, kinds))
    if score >= 2:
        return "normal metabolizer"
    return "intermediate metabolizer" if score >= 1 else "poor metabolizer"

"""The example service: genotypes to advice by its tables; what is not in them is said."""

from typing import Any

import pytest

from hil.sims.pgx.cards import Lacking, cards
from hil.sims.pgx.rules import advice_for, function_of, rules

ATC = "http://www.whocc.no/atc"


@pytest.mark.parametrize(
    ("gene", "genotype", "function"),
    [
        ("CYP2C19", "*1/*1", "normal metabolizer"),
        ("CYP2C19", "*1/*17", "rapid metabolizer"),
        ("CYP2C19", "*17/*17", "ultrarapid metabolizer"),
        ("CYP2C19", "*2/*17", "intermediate metabolizer"),
        ("CYP2C19", "*2/*3", "poor metabolizer"),
        ("SLCO1B1", "*1/*5", "decreased function"),
        ("SLCO1B1", "*5/*15", "poor function"),
        ("DPYD", "*1/*2A", "intermediate metabolizer"),
        ("DPYD", "*2A/HapB3", "poor metabolizer"),
        ("DPYD", "c.2846A>T/HapB3", "intermediate metabolizer"),
        ("HLA-B", "*57:01 positive", "*57:01 positive"),
        ("CYP2C19", "*2/*99", None),
        ("CYP2C19", "*2", None),
        ("HLA-B", "perhaps", None),
    ],
)
def test_two_alleles_make_a_function(gene: str, genotype: str, function: str | None) -> None:
    assert function_of(gene, genotype) == function


def request(genotypes: dict[str, str] | None, *codes: str) -> dict[str, Any]:
    gene = {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]}
    found = [
        {
            "resource": {
                "valueCodeableConcept": {"text": f"{name} {value}"},
                "component": [{"code": gene, "valueCodeableConcept": {"text": name}}],
                "effectiveDateTime": "2024-11-27T00:00:00Z",
            }
        }
        for name, value in (genotypes or {}).items()
    ]
    coded = {"coding": [{"system": ATC, "code": code} for code in codes]}
    order = {"resourceType": "MedicationRequest", "id": "RX1", "medicationCodeableConcept": coded}
    prefetch = {} if genotypes is None else {"genotypes": {"entry": found} if found else None}
    return {"context": {"draftOrders": {"entry": [{"resource": order}]}}, "prefetch": prefetch}


def told(*asked: Any) -> list[tuple[str, str]]:
    return [(one["indicator"], one["summary"]) for one in cards(request(*asked), lambda: "u")]


def test_a_poor_metabolizer_is_advised_against_clopidogrel_with_guideline_edition_and_licence() -> None:
    [card] = cards(request({"CYP2C19": "*2/*2"}, "B01AC04"), lambda: "u")
    assert card["indicator"] == "critical"
    for words in ("PMID 35034351", "2022", "CC0", "not reviewed by a pharmacist", "2024-11-27"):
        assert words in card["detail"]
    assert card["suggestions"][0]["actions"][0]["resourceId"] == "MedicationRequest/RX1"


def test_what_is_not_known_is_said_and_what_is_normal_is_not() -> None:
    assert told({"CYP2C19": "*1/*1"}, "B01AC04") == []
    [(indicator, summary)] = told({}, "B01AC04")
    assert (indicator, "CYP2C19 is not known" in summary) == ("info", True)
    [(indicator, summary)] = told({"CYP2C19": "*2/*99"}, "B01AC04")
    assert (indicator, "not in this table" in summary) == ("info", True)
    [(indicator, summary)] = told({"CYP2C9": "*1/*3"}, "B01AA03")
    assert (indicator, "NOT computed" in summary) == ("info", True)
    [(indicator, summary)] = told({"CYP2C19": "*2/*2"})
    assert (indicator, "no code" in summary) == ("info", True)


def test_without_genotypes_it_says_that_it_lacks_them() -> None:
    with pytest.raises(Lacking):
        cards(request(None, "B01AC04"), lambda: "u")


def test_each_rule_names_its_guideline_and_is_found_by_its_codes() -> None:
    for one in rules():
        assert one.pmid.isdecimal() and one.edition.isdecimal() and one.strength
        assert advice_for({one.atc}, one.gene, one.function) is one
        assert advice_for({one.rxnorm}, one.gene, one.function) is one

"""controller/conferences/document.py"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.conferences.document import About, Concluded, Json, differing, document
from controller.signing.canonical import canonical
from tests.support.fhir_documents import faults_of

ABOUT = About("MC00000001", 3, "4711", "Muster, Anna", "operate?", 1_795_694_400_000, "ben", ("anna", "cara"))
CONCLUDED = Concluded(2, "operate", "next week\nby cara", "anna", 1_795_698_000_000)


def resources(bundle: Json, kind: str) -> list[Json]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind]


@pytest.mark.xdist_group("fhir")
def test_the_worlds_validators_have_nothing_against_it() -> None:
    plain = Concluded(1, "wait", "", "anna", 1_795_698_000_000)
    documents = document(ABOUT, CONCLUDED), document(ABOUT, plain), differing(ABOUT, CONCLUDED, "cara", "no")
    for faults in faults_of(documents):
        assert not any(faults.values()), faults


def test_it_says_what_was_asked_concluded_planned_and_who_took_part() -> None:
    [composition] = resources(made := document(ABOUT, CONCLUDED), "Composition")
    assert [one["title"] for one in composition["section"]] == ["Question", "Conclusion", "Plan", "Took part"]
    assert composition["status"] == "amended" and composition["author"] == [{"display": "anna"}]
    [impression], [plan] = resources(made, "ClinicalImpression"), resources(made, "CarePlan")
    assert (impression["summary"], plan["description"]) == ("operate", "next week\nby cara")
    assert made["identifier"] == {"system": "urn:wardlink:conclusion", "value": "MC00000001/3/2"}


def test_every_reference_leads_to_an_entry() -> None:
    for made in (document(ABOUT, CONCLUDED), differing(ABOUT, CONCLUDED, "cara", "no")):
        urls = {entry["fullUrl"] for entry in made["entry"]}
        for resource in (entry["resource"] for entry in made["entry"]):
            told = [resource["subject"]] if "subject" in resource else []
            told += [one for section in resource.get("section", ()) for one in section.get("entry", ())]
            assert {one["reference"] for one in told} <= urls


def test_who_differs_signs_another_document_that_names_the_first() -> None:
    [composition] = resources(made := differing(ABOUT, CONCLUDED, "cara", "radiate <first>"), "Composition")
    [beside] = composition["relatesTo"]
    assert beside["targetIdentifier"]["value"] == "MC00000001/3/2"
    assert "radiate &lt;first&gt;" in composition["section"][0]["text"]["div"]
    assert made["identifier"]["value"] == "MC00000001/3/2/cara"


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1), st.text())
def test_the_same_is_made_of_the_same_whatever_is_written(conclusion: str, plan: str) -> None:
    concluded = Concluded(1, conclusion, plan, "anna", 0)
    assert canonical(document(ABOUT, concluded)) == canonical(document(ABOUT, concluded))

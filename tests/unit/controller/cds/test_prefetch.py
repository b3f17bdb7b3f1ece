"""Prefetch templates: what is understood is answered, all else is left to the service."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.cds.prefetch import Query, asked

TOKENS = {"context.patientId": "p1", "context.userId": "Practitioner/anna"}
P = "{{context.patientId}}"


def test_a_patient_is_read_by_its_id_alone() -> None:
    assert asked(f"Patient/{P}", TOKENS) == Query("Patient")
    assert asked("Patient/p2", TOKENS) is None


@pytest.mark.parametrize(
    ("template", "query"),
    [
        (f"AllergyIntolerance?patient={P}", Query("AllergyIntolerance", {})),
        (
            f"MedicationRequest?patient=Patient/{P}&status=active,on-hold",
            Query("MedicationRequest", {"status": frozenset({"active", "on-hold"})}),
        ),
        (
            f"Observation?patient={P}&code=http://loinc.org|84413-4&_count=1&_sort=-date",
            Query("Observation", {"code": frozenset({"84413-4"})}, 1),
        ),
        (
            f"Observation?patient={P}&code=http://snomed.info/sct|1",
            Query("Observation", {"code": frozenset({"http://snomed.info/sct|1"})}),
        ),
    ],
)
def test_searches_of_the_patient_are_answered(template: str, query: Query) -> None:
    assert asked(template, TOKENS) == query


@pytest.mark.parametrize(
    "template",
    [
        "Observation?code=84413-4",
        "Observation?patient=p2&code=84413-4",
        f"Observation?patient={P}&patient=p2",
        f"Observation?patient={P}&date=gt2020",
        f"Observation?patient={P}&_sort=code",
        f"Observation?patient={P}&_count=0",
        f"Observation?patient={P}&code=",
        f"Condition?patient={P}",
        "Practitioner/{{userPractitionerId}}",
        "{{context.userId}}",
        f"Patient/{P}/$everything",
        f"Patient/{P}" + " " * 600,
        "",
    ],
)
def test_whatever_else_is_asked_is_left_to_the_service(template: str) -> None:
    assert asked(template, TOKENS) is None


@settings(max_examples=150)
@given(st.text(max_size=80) | st.from_regex(r"(Observation|Patient)[?/]\{\{context\.patientId\}\}.{0,30}"))
def test_no_template_raises_or_reaches_another_patient(template: str) -> None:
    query = asked(template, TOKENS)
    assert query is None or query.kind in {
        "Patient",
        "AllergyIntolerance",
        "MedicationRequest",
        "Observation",
    }

"""A patient as resources for prefetch: a search is answered as a FHIR server would, and all of it at once."""

from typing import Any

import pytest

from controller.cds.prefetch import asked
from controller.cds.resources import Resources
from controller.patients.genotypes import Genotype
from controller.patients.model import PatientFacts

NOBODY = PatientFacts("4711", "Muster, Anna", None, None, (), None, None, None, None, None, 0)


def answered(template: str, genotypes: int) -> Any:
    known = [Genotype(one, "CYP2C19", "*1/*2", "", one, "anna", one) for one in range(genotypes)]
    resources = Resources(NOBODY, known, (), 0, lambda _: ())
    query = asked(template, {"context.patientId": resources.patient_id})
    assert query is not None
    return resources.answer(query)


@pytest.mark.parametrize(("count", "most"), [("", 150), ("&_count=2", 2)])
def test_a_search_says_how_many_there_are_and_leaves_none_out_that_was_asked_for(
    count: str, most: int
) -> None:
    found = answered("Observation?patient={{context.patientId}}&code=84413-4" + count, 150)
    assert (found["total"], len(found["entry"])) == (150, most)


def test_no_data_are_null() -> None:
    assert answered("Observation?patient={{context.patientId}}", 0) is None

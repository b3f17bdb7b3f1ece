"""A hand-over document is valid for every validator, whatever a stay holds; and each of them can say no."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from controller.handover.case import Case
from controller.handover.fhir import document
from tests.support.cases import cases, ride
from tests.support.fhir_documents import faults_of

Json = dict[str, Any]
Faults = dict[str, list[str]]
NONE = {"schema": [], "fhir": [], "medplum": [], "ours": []}


def sent(case: Case) -> Json:
    """The document as it goes out: through the bytes."""
    return json.loads(orjson.dumps(document(case)))


def of(found: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


def coded(found: Json, code: str) -> Json:
    return next(
        one for one in of(found, "Observation") if one["code"].get("coding", [{}])[0].get("code") == code
    )


def no_code(found: Json) -> None:
    del coded(found, "8867-4")["code"]


def unknown_status(found: Json) -> None:
    coded(found, "8867-4")["status"] = "done"


def member_of_our_own(found: Json) -> None:
    of(found, "Patient")[0]["nickname"] = "Li"


def no_subject(found: Json) -> None:
    del coded(found, "8867-4")["subject"]


def other_code_than_its_profile_s(found: Json) -> None:
    coded(found, "8867-4")["code"]["coding"][0]["code"] = "9279-1"


def no_diastolic(found: Json) -> None:
    panel = coded(found, "85354-9")
    panel["component"] = [one for one in panel["component"] if one["code"]["coding"][0]["code"] != "8462-4"]


def empty_list(found: Json) -> None:
    of(found, "Patient")[0]["telecom"] = []


def null(found: Json) -> None:
    of(found, "Patient")[0]["active"] = None


def unit_of_something_else(found: Json) -> None:
    coded(found, "8867-4")["valueQuantity"] |= {"unit": "%", "code": "%"}


def lost_reference(found: Json) -> None:
    coded(found, "8867-4")["subject"]["reference"] = "urn:uuid:00000000-0000-4000-8000-000000000000"


def no_zone(found: Json) -> None:
    coded(found, "8867-4")["effectiveDateTime"] = "2026-11-25T10:00:00"


BROKEN: list[tuple[Callable[[Json], None], set[str]]] = [
    (no_code, {"schema", "fhir", "medplum"}),
    (unknown_status, {"schema", "fhir"}),
    (member_of_our_own, {"schema", "fhir", "medplum"}),
    (no_subject, {"medplum"}),
    (other_code_than_its_profile_s, {"medplum"}),
    (no_diastolic, {"medplum"}),
    (empty_list, {"ours"}),
    (null, {"ours"}),
    (unit_of_something_else, {"ours"}),
    (lost_reference, {"ours"}),
    (no_zone, {"ours"}),
]


def small() -> Json:
    whole = ride()
    last = [vital for vital in whole.vitals if vital.stay == whole.stays[-1]]
    return sent(
        replace(whole, vitals=tuple(last), marks=(), alarms=(), checks=(), assessments=(), score=None)
    )


def broken() -> list[Json]:
    good = small()
    found = [copy.deepcopy(good) for _ in BROKEN]
    for one, (spoil, _) in zip(found, BROKEN, strict=True):
        spoil(one)
    return found


def any_cases() -> list[Json]:
    found: list[Json] = []

    quick = {"phases": [Phase.generate], "suppress_health_check": [*HealthCheck]}

    @settings(max_examples=25, deadline=None, database=None, **quick)
    @given(cases())
    def make(case: Case) -> None:
        found.append(sent(case))

    make()
    return found


class Verdicts(NamedTuple):
    """What all validators say, of all documents: they are started once."""

    whole: Faults
    small: Faults
    generated: list[Faults]
    broken: list[Faults]


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    generated, spoilt = any_cases(), broken()
    said = faults_of([sent(ride()), small(), *generated, *spoilt])
    return Verdicts(said[0], said[1], said[2 : 2 + len(generated)], said[2 + len(generated) :])


def test_the_document_of_a_ride_is_valid_for_all_of_them(verdicts: Verdicts) -> None:
    assert verdicts.whole == NONE
    assert verdicts.small == NONE


def test_whatever_a_stay_holds_the_document_is_valid(verdicts: Verdicts) -> None:
    assert [one for one in verdicts.generated if one != NONE] == []
    assert len(verdicts.generated) >= 25


def test_each_validator_refuses_what_it_is_there_for(verdicts: Verdicts) -> None:
    for said, (spoil, by) in zip(verdicts.broken, BROKEN, strict=True):
        refusing = {name for name, sentences in said.items() if sentences}
        assert by <= refusing, f"{spoil.__name__}: {said}"


@pytest.mark.parametrize("validator", ["schema", "fhir", "medplum", "ours"])
def test_none_of_them_is_there_for_nothing(validator: str) -> None:
    assert any(validator in by for _, by in BROKEN)

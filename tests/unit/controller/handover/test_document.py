"""What a hand-over document says, and what it never invents."""

from dataclasses import replace
from typing import Any

from controller.handover.case import Alien, Case, Who
from controller.handover.coded import text
from controller.handover.fhir import document
from tests.support.cases import BEGUN_MS, MINUTE_MS, ride, told

Json = dict[str, Any]


def resources(case: Case, kind: str) -> list[Json]:
    return [one["resource"] for one in document(case)["entry"] if one["resource"]["resourceType"] == kind]


def observation(case: Case, words: str) -> Json:
    return next(one for one in resources(case, "Observation") if one["code"]["text"] == words)


def section(case: Case, title: str) -> Json:
    (composition,) = resources(case, "Composition")
    return next(one for one in composition["section"] if one["title"] == title)


def test_the_same_case_gives_the_same_document_and_another_moment_another_one() -> None:
    assert document(ride()) == document(ride())
    later = replace(ride(), made_ms=ride().made_ms + 1)
    assert document(later)["identifier"] != document(ride())["identifier"]


def test_of_a_patient_whom_nobody_knows_neither_name_nor_birth_is_invented() -> None:
    (patient,) = resources(ride(), "Patient")
    absent = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    assert patient["name"] == [{"use": "temp", "text": "unknown, male, about 60", "extension": absent}]
    assert patient["identifier"] == [{"use": "temp", "value": "UNKNOWN-00112233aabbccdd"}]
    assert "birthDate" not in patient
    assert patient["_birthDate"] == {"extension": absent}
    assert observation(ride(), "Age")["valueQuantity"]["value"] == 60


def test_who_is_known_has_a_name_and_an_identifier() -> None:
    (patient,) = resources(replace(ride(), who=Who("P1", "Li Na")), "Patient")
    assert patient["name"] == [{"use": "usual", "text": "Li Na"}]
    assert patient["identifier"] == [{"use": "usual", "value": "P1"}]
    assert patient["gender"] == "unknown"


def test_the_encounter_goes_from_the_field_to_the_hospital() -> None:
    (encounter,) = resources(ride(), "Encounter")
    assert [one["class"]["code"] for one in encounter["classHistory"]] == ["FLD", "EMER"]
    assert encounter["status"] == "in-progress"
    assert "end" not in encounter["period"]


def test_cuff_pressures_of_one_measurement_are_one_observation() -> None:
    panel = observation(ride(), "Blood pressure, cuff")
    values = {one["code"]["text"]: one["valueQuantity"]["value"] for one in panel["component"]}
    assert values == {"NIBP sys": 95, "NIBP dia": 55, "NIBP mean": 68}


def test_pressures_of_two_measurements_are_two_observations() -> None:
    case = ride()
    apart = tuple(
        replace(vital, last=told("nibp_dia", 12, 40)) if vital.name == "nibp_dia" else vital
        for vital in case.vitals
    )
    said = [one["code"]["text"] for one in resources(replace(case, vitals=apart), "Observation")]
    assert "Blood pressure, cuff" not in said
    assert {"NIBP sys", "NIBP dia"} <= set(said)


def test_a_flawed_value_is_kept_and_what_is_against_it_is_said() -> None:
    found = [one for one in resources(ride(), "Observation") if one["code"]["text"] == "SpO₂"]
    last = next(one for one in found if one.get("valueQuantity", {}).get("value") == 88)
    assert last["interpretation"] == [{"text": "low-perfusion"}]


def test_a_stale_value_keeps_its_time_and_says_its_age() -> None:
    case = ride()
    old = tuple(replace(one, last=told("hr", 20, 118)) if one.name == "hr" else one for one in case.vitals)
    last = observation(replace(case, vitals=old), "HR")
    assert (last["valueQuantity"]["value"], last["effectiveDateTime"]) == (118, "2026-09-21T14:33:20.000Z")
    assert last["interpretation"] == [{"text": "stale"}]
    assert "HR is not current: 900 s old, at most 10 s are" in [note["text"] for note in last["note"]]


def test_where_there_is_no_value_there_is_a_reason_and_the_last_one_that_there_was() -> None:
    last = observation(ride(), "etCO₂")
    assert last["dataAbsentReason"]["coding"][0]["code"] == "temp-unknown"
    assert "valueQuantity" not in last
    assert any("Last value of etCO₂: 38 mm[Hg]" in note["text"] for note in last["note"])


def test_a_summary_says_of_how_many_readings_it_is_and_leaves_gaps_as_gaps() -> None:
    summed = observation(ride(), "HR: all readings in Ambulance 1")
    parts = {one["code"]["text"]: one for one in summed["component"]}
    assert (parts["count"]["valueInteger"], parts["without a value"]["valueInteger"]) == (1560, 180)
    assert parts["doubtful, counted too"]["valueInteger"] == 3
    data = parts["mean of each step"]["valueSampledData"]
    assert (data["period"], data["data"].split()[-4:]) == (60_000, ["E", "E", "E", "110"])


def test_an_incomplete_score_is_no_number() -> None:
    case = ride()
    assert case.score is not None
    news2 = {**case.score["news2"], "total": None, "missing": ["pulse"]}
    said = observation(
        replace(case, score={**case.score, "news2": news2}), "NEWS2 (Royal College of Physicians, 2017)"
    )
    assert "valueInteger" not in said
    assert "16 or more: pulse do not count" in said["dataAbsentReason"]["text"]


def test_a_scale_that_is_not_all_testable_has_its_parts_and_no_sum() -> None:
    said = observation(ride(), "Glasgow Coma Scale")
    assert "valueQuantity" not in said
    verbal = said["component"][1]
    assert verbal["dataAbsentReason"]["text"] == "not testable"
    assert said["component"][0]["valueQuantity"] == {
        **{"value": 3, "unit": "{score}"},
        **{"system": "http://unitsofmeasure.org", "code": "{score}"},
    }


def test_what_was_given_is_in_the_crew_s_own_words() -> None:
    said = resources(ride(), "MedicationAdministration")
    names = [one["medicationCodeableConcept"] for one in said]
    assert names == [{"text": "10 l/min by mask"}, {"text": "adrenaline 1 mg"}]
    assert said[1]["effectiveDateTime"] == "2026-09-21T14:22:20.000Z"
    assert said[1]["performer"] == [{"actor": {"display": "Li Wei"}}]


def test_an_alarm_that_goes_on_has_no_end_and_is_preliminary() -> None:
    said = observation(ride(), "Alarm: Heart rate high")
    assert said["status"] == "preliminary"
    assert said["effectivePeriod"] == {"start": "2026-09-21T14:44:20.000Z"}


def test_a_request_that_nobody_acknowledged_is_active() -> None:
    done, open_ = resources(ride(), "ServiceRequest")
    assert (done["status"], open_["status"]) == ("completed", "active")
    assert "Acknowledged by dr.chen" in done["note"][1]["text"]


def test_an_empty_part_says_that_it_is_empty() -> None:
    said = section(replace(ride(), alarms=()), "Alarms")
    assert "entry" not in said
    assert said["emptyReason"]["coding"][0]["code"] == "unavailable"


def test_a_case_that_is_cut_says_so_in_each_part() -> None:
    cut = replace(ride(), from_ms=BEGUN_MS + MINUTE_MS)
    assert "more is in the record" in section(cut, "Vital signs")["text"]["div"]


def test_text_of_people_is_text_in_the_narrative() -> None:
    assert "家属稍后到院 &lt;b&gt;&amp;" in section(ride(), "Treatment and marks")["text"]["div"]


def test_characters_that_fhir_does_not_know_are_left_out() -> None:
    assert text(" a\u3000b\x00c\nd\u2028e\ufeff ") == "a bc\nd e"


def test_what_is_not_the_patients_as_they_say_counts_as_no_value() -> None:
    case = ride()
    alien = Alien(case.stays[-1], told("glucose_cap", 34, 212, device="meter-1"))
    found = observation(replace(case, aliens=(alien,)), "Glucose cap.")
    assert (found["status"], found["valueQuantity"]["value"]) == ("entered-in-error", 212)
    assert found["note"][-1]["text"] == "Not the patient's, as the patient says"
    assert "mon-1" in str(resources(case, "Device"))
    assert "meter-1" in str(resources(replace(case, aliens=(alien,)), "Device"))

"""What a pharmacist would say of well-known cases, and what the starter set says of them."""

from dataclasses import replace

import pytest

from controller.prescriptions.checks.check import check
from controller.prescriptions.checks.model import (
    ATC,
    RXNORM,
    Allergy,
    Coding,
    Facts,
    Ingredient,
    Measured,
    Strength,
    Timing,
)
from controller.prescriptions.checks.units import quantity

from .given import (
    ADULT,
    CHILD,
    DAY_MS,
    KNOWLEDGE,
    NOW_MS,
    STARTER,
    TODAY,
    allergic,
    gaps,
    line,
    medicine,
    severities,
)

PAIRS = [
    ("warfarin", "ibuprofen", "serious"),
    ("ibuprofen", "warfarin", "serious"),
    ("simvastatin", "clarithromycin", "contraindicated"),
    ("simvastatin", "erythromycin", "contraindicated"),
    ("sildenafil", "nitroglycerin", "contraindicated"),
    ("allopurinol", "azathioprine", "serious"),
    ("methotrexate", "trimethoprim", "serious"),
    ("digoxin", "amiodarone", "serious"),
    ("meropenem", "valproic-acid", "serious"),
    ("lithium", "diclofenac", "serious"),
    ("lithium", "hydrochlorothiazide", "serious"),
    ("linezolid", "sertraline", "serious"),
    ("tramadol", "fluoxetine", "serious"),
    ("morphine", "midazolam", "serious"),
    ("clopidogrel", "omeprazole", "serious"),
    ("ciprofloxacin", "tizanidine", "contraindicated"),
    ("ergotamine", "itraconazole", "contraindicated"),
    ("voriconazole", "rifampicin", "contraindicated"),
    ("verapamil", "bisoprolol", "serious"),
    ("spironolactone", "potassium-chloride", "serious"),
    ("enalapril", "spironolactone", "serious"),
    ("tacrolimus", "phenytoin", "serious"),
    ("ceftriaxone", "calcium-gluconate", "serious"),
    ("gentamicin", "furosemide", "serious"),
    ("sacubitril", "enalapril", "contraindicated"),
    ("colchicine", "clarithromycin", "serious"),
]


@pytest.mark.parametrize(("one", "other", "severity"), PAIRS, ids=lambda value: value)
def test_a_well_known_interaction_is_said(one: str, other: str, severity: str) -> None:
    checked = check(KNOWLEDGE, line(one), [line(other)], ADULT, TODAY)
    assert severities(checked, "interaction")[0] == severity


@pytest.mark.parametrize(
    ("one", "other"),
    [("paracetamol", "amoxicillin"), ("pantoprazole", "clopidogrel"), ("azithromycin", "simvastatin"),
     ("insulin-aspart", "insulin-glargine"), ("potassium-chloride", "magnesium-sulfate")],
)  # fmt: skip
def test_what_goes_well_together_raises_nothing(one: str, other: str) -> None:
    assert check(KNOWLEDGE, line(one), [line(other)], ADULT, TODAY).hints == ()


@pytest.mark.parametrize(
    ("recorded", "code", "severity"),
    [
        ("penicillin", "benzylpenicillin", "contraindicated"),
        ("青霉素", "amoxicillin", "contraindicated"),
        ("Penicillins", "piperacillin", "contraindicated"),
        ("Amoxicillin", "ceftriaxone", "moderate"),
        ("头孢", "cefazolin", "contraindicated"),
        ("cefazolin", "ceftriaxone", "serious"),
        ("penicillin", "meropenem", "moderate"),
        ("sulfa drugs", "sulfamethoxazole", "contraindicated"),
        ("aspirin", "ibuprofen", "contraindicated"),
        ("NSAIDs", "ketorolac", "contraindicated"),
        ("NSAIDs", "aspirin", "contraindicated"),
        ("phenytoin", "carbamazepine", "serious"),
        ("磺胺", "celecoxib", "contraindicated"),
        ("阿司匹林", "aspirin", "contraindicated"),
        ("acetaminophen", "paracetamol", "contraindicated"),
    ],
)
def test_an_allergy_is_found_by_name_and_group(recorded: str, code: str, severity: str) -> None:
    checked = check(KNOWLEDGE, line(code), [], allergic(recorded), TODAY)
    assert severities(checked, "allergy")[0] == severity


def test_an_allergy_to_something_else_raises_nothing() -> None:
    assert (
        severities(check(KNOWLEDGE, line("vancomycin"), [], allergic("penicillin"), TODAY), "allergy") == []
    )


def test_an_allergy_of_high_criticality_to_something_related_is_serious() -> None:
    checked = check(KNOWLEDGE, line("ceftriaxone"), [], allergic("penicillin", criticality="high"), TODAY)
    assert severities(checked, "allergy") == ["serious"]


@pytest.mark.parametrize(
    ("system", "code"), [(ATC, "J01CA04"), (RXNORM, "723"), (STARTER.system, "group:penicillin")]
)
def test_an_allergy_is_found_by_its_code(system: str, code: str) -> None:
    facts = replace(ADULT, allergies=(Allergy(system, code, "in other words"),), no_known_allergies=False)
    assert "contraindicated" in severities(check(KNOWLEDGE, line("amoxicillin"), [], facts, TODAY), "allergy")


@pytest.mark.parametrize("status", ["inactive", "resolved", "entered-in-error"])
def test_an_allergy_that_does_not_count_any_more_raises_nothing(status: str) -> None:
    facts = replace(ADULT, allergies=(Allergy("", "", "penicillin", status=status),))
    assert severities(check(KNOWLEDGE, line("amoxicillin"), [], facts, TODAY), "allergy") == []


def test_an_allergy_that_nobody_knows_is_compared_by_name_and_said_to_be_unknown() -> None:
    zorbol = replace(line("paracetamol"), medicine=replace(medicine("paracetamol"), display="Zorbol"))
    checked = check(KNOWLEDGE, zorbol, [], allergic("zorbol"), TODAY)
    assert severities(checked, "allergy") == ["contraindicated"]
    assert "unknown-allergy" in gaps(checked)


DUPLICATES = [
    ("paracetamol", "paracetamol", "serious"),
    ("ibuprofen", "diclofenac", "moderate"),
    ("enalapril", "lisinopril", "moderate"),
    ("enalapril", "losartan", "moderate"),
    ("warfarin", "rivaroxaban", "moderate"),
    ("simvastatin", "atorvastatin", "moderate"),
    ("omeprazole", "pantoprazole", "moderate"),
]


@pytest.mark.parametrize(("one", "other", "severity"), DUPLICATES)
def test_a_duplicate_is_said(one: str, other: str, severity: str) -> None:
    checked = check(KNOWLEDGE, line(one, of="a"), [line(other, of="b")], ADULT, TODAY)
    assert severities(checked, "duplicate")[0] == severity


def test_a_substance_in_a_combination_is_a_duplicate_too() -> None:
    checked = check(KNOWLEDGE, line("amoxicillin"), [line("amoxicillin", "clavulanic-acid")], ADULT, TODAY)
    assert "serious" in severities(checked, "duplicate")


def test_two_of_a_class_that_only_their_codes_name_are_a_duplicate() -> None:
    new = Ingredient("Newcillin", (Coding(ATC, "J01CA99"),))
    other = replace(
        line("amoxicillin", of="b"), medicine=replace(medicine("amoxicillin"), ingredients=(new,))
    )
    checked = check(KNOWLEDGE, line("amoxicillin"), [other], ADULT, TODAY)
    assert severities(checked, "duplicate") == ["moderate"]
    assert checked.hints[0].source == "codes as prescribed"


def test_a_line_is_not_its_own_duplicate() -> None:
    wanted = line("paracetamol", dose="500 mg", times=3)
    assert check(KNOWLEDGE, wanted, [wanted], ADULT, TODAY).hints == ()


RENAL_FAILURE = replace(ADULT, creatinine=Measured(450, "umol/L", NOW_MS - DAY_MS))
"""Cockcroft-Gault: 14 mL/min."""
DOSES = [
    ("paracetamol", "1000 mg", 4, "oral", ADULT, []),
    ("paracetamol", "1 g", 5, "oral", ADULT, ["serious"]),
    ("paracetamol", "2 g", 1, "oral", ADULT, ["moderate"]),
    ("amikacin", "1 g", 1, "intravenous", ADULT, []),
    ("amikacin", "1.1 g", 1, "intravenous", ADULT, ["serious"]),
    ("citalopram", "30 mg", 1, "oral", ADULT, ["serious"]),
    ("gabapentin", "600 mg", 3, "oral", ADULT, []),
    ("gabapentin", "600 mg", 3, "oral", RENAL_FAILURE, ["serious", "serious", "moderate"]),
    ("enoxaparin", "70 mg", 2, "subcutaneous", ADULT, []),
    ("enoxaparin", "70 mg", 2, "subcutaneous", RENAL_FAILURE, ["serious"]),
    ("ibuprofen", "180 mg", 4, "oral", CHILD, []),
    ("ibuprofen", "200 mg", 4, "oral", CHILD, ["serious"]),
    ("methotrexate", "10 mg", 1, "oral", ADULT, ["serious", "moderate"]),
    ("vincristine", "2 mg", None, "intrathecal", ADULT, ["contraindicated"]),
    ("vincristine", "2 mg", None, "intravenous", ADULT, []),
    ("potassium-chloride", "20 mmol", 3, "intravenous", ADULT, []),
]


@pytest.mark.parametrize(("code", "dose", "times", "route", "facts", "expected"), DOSES)
def test_a_dose_is_judged_by_day_weight_age_and_kidneys(
    code: str, dose: str, times: int | None, route: str, facts: Facts, expected: list[str]
) -> None:
    checked = check(KNOWLEDGE, line(code, dose=dose, times=times, route=route), [], facts, TODAY)
    assert severities(checked, "dose") == expected


def test_methotrexate_once_a_week_is_not_once_a_day() -> None:
    weekly = replace(line("methotrexate", dose="15 mg"), timing=Timing(1, 1, "wk"))
    assert check(KNOWLEDGE, weekly, [], ADULT, TODAY).hints == ()


@pytest.mark.parametrize(
    ("code", "facts", "severity"),
    [("codeine", CHILD, "contraindicated"), ("aspirin", CHILD, "serious"), ("doxycycline", CHILD, "serious"),
     ("metformin", RENAL_FAILURE, "contraindicated"), ("dabigatran", RENAL_FAILURE, "contraindicated")],
)  # fmt: skip
def test_what_is_not_for_this_patient_is_said_without_any_dose(
    code: str, facts: Facts, severity: str
) -> None:
    assert severities(check(KNOWLEDGE, line(code), [], facts, TODAY), "patient") == [severity]


def test_the_same_substance_in_all_prescriptions_is_added_up() -> None:
    wanted = line("paracetamol", dose="500 mg", times=4, of="a")
    other = line("paracetamol", dose="1 g", times=3, of="b")
    checked = check(KNOWLEDGE, wanted, [other], ADULT, TODAY)
    assert [hint.lines for hint in checked.hints if hint.kind == "dose"] == [("a", "b")]
    assert "5000 mg in a day is more than 4000 mg" in checked.hints[1].what.en + checked.hints[0].what.en


def test_tablets_are_reckoned_by_their_strength() -> None:
    strength = Strength(quantity(500, "mg"), quantity(1, "{tablet}"))
    made = medicine("paracetamol", strengths={"paracetamol": strength})
    wanted = replace(line("paracetamol", dose="3 {tablet}", times=3), medicine=made)
    assert severities(check(KNOWLEDGE, wanted, [], ADULT, TODAY), "dose") == ["serious", "moderate"]


def test_the_most_as_needed_counts_not_the_interval() -> None:
    wanted = line("paracetamol", dose="1 g", times=6, as_needed=True, max_per_day=quantity(3, "g"))
    assert check(KNOWLEDGE, wanted, [], ADULT, TODAY).hints == ()

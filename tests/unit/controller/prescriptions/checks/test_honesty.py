"""The checks say what they stand on, and what they did not check."""

from dataclasses import replace

import pytest

from controller.prescriptions.checks.check import check
from controller.prescriptions.checks.knowledge import Knowledge
from controller.prescriptions.checks.model import Facts, Ingredient, Measured, Medicine
from controller.prescriptions.checks.units import quantity

from .given import ADULT, CHILD, DAY_MS, KNOWLEDGE, NOW_MS, TODAY, gaps, line

AMIKACIN = line("amikacin", dose="1 g", route="intravenous")


def test_without_a_weight_the_dose_per_kg_is_said_not_to_be_checked() -> None:
    checked = check(KNOWLEDGE, AMIKACIN, [], replace(ADULT, weight=None), TODAY)
    assert "no-weight" in gaps(checked)
    assert [gap.what.en for gap in checked.not_checked if gap.code == "no-weight"] == [
        "amikacin: no weight known: limits per kg or by renal function not checked"
    ]


GAPS = [
    ("no-weight", AMIKACIN, replace(ADULT, weight=None)),
    ("bad-weight", AMIKACIN, replace(ADULT, weight=Measured(0, "kg", NOW_MS))),
    ("bad-weight", AMIKACIN, replace(ADULT, weight=Measured(float("nan"), "kg", NOW_MS))),
    ("bad-weight", AMIKACIN, replace(ADULT, weight=Measured(70, "[lb_av]", NOW_MS))),
    ("future-weight", AMIKACIN, replace(ADULT, weight=Measured(70, "kg", NOW_MS + 3 * DAY_MS))),
    ("old-weight", AMIKACIN, replace(ADULT, weight=Measured(70, "kg", NOW_MS - 400 * DAY_MS))),
    ("old-weight", AMIKACIN, replace(CHILD, weight=Measured(18, "kg", NOW_MS - 40 * DAY_MS))),
    ("old-creatinine", AMIKACIN, replace(ADULT, creatinine=Measured(80, "umol/L", NOW_MS - 31 * DAY_MS))),
    ("no-creatinine", line("metformin"), replace(ADULT, creatinine=None)),
    ("bad-creatinine", line("metformin"), replace(ADULT, creatinine=Measured(1, "mmol", NOW_MS))),
    ("no-sex", line("metformin"), replace(ADULT, sex="other")),
    ("no-age", line("codeine"), replace(ADULT, birth_date="")),
    ("no-age", line("codeine"), replace(ADULT, birth_date="1960")),
    ("no-age", line("codeine"), replace(ADULT, birth_date="1960-02-30")),
    ("no-age", line("codeine"), replace(ADULT, birth_date="2060-02-20")),
    ("child-clearance", line("metformin"), replace(CHILD, creatinine=ADULT.creatinine)),
    ("no-dose-data", line("digoxin", dose="0.25 mg"), ADULT),
    ("no-dose-data", line("apixaban", dose="5 mg"), CHILD),
    ("no-dose", line("paracetamol"), ADULT),
    ("no-route", line("ketorolac", dose="500 mg", route=""), ADULT),
    ("no-daily-dose", line("paracetamol", dose="1 g", times=None, as_needed=True), ADULT),
    ("no-strength", line("paracetamol", dose="2 {tablet}"), ADULT),
    (
        "no-strength",
        line("amoxicillin", "clavulanic-acid", dose="625 mg"),
        replace(CHILD, birth_date="2026-11-01"),
    ),
    ("incomparable-dose", line("paracetamol", dose="100 [iU]"), ADULT),
    ("incomparable-dose", line("paracetamol", dose="10 mg/kg"), ADULT),
    ("allergies-not-recorded", line("paracetamol"), replace(ADULT, no_known_allergies=False)),
]


@pytest.mark.parametrize(("code", "wanted", "facts"), GAPS)
def test_what_cannot_be_checked_is_a_gap_and_not_silence(code: str, wanted: object, facts: Facts) -> None:
    assert code in gaps(check(KNOWLEDGE, wanted, [], facts, TODAY))  # type: ignore[arg-type]


def test_a_dose_elsewhere_that_cannot_be_added_is_a_gap() -> None:
    others = [line("paracetamol", dose="2 {tablet}", of="b")]
    assert "no-sum" in gaps(check(KNOWLEDGE, line("paracetamol", dose="1 g", of="a"), others, ADULT, TODAY))


def test_an_unknown_substance_is_a_gap_for_the_line_and_for_each_pair() -> None:
    unknown = replace(line("paracetamol"), medicine=Medicine("x", "1", "Zorbol", (Ingredient("zorbolide"),)))
    checked = check(KNOWLEDGE, unknown, [line("warfarin")], ADULT, TODAY)
    assert {"unknown-substance", "unknown-pair", "no-dose-data"} <= gaps(checked)


def test_an_unknown_substance_among_the_others_is_a_gap_too() -> None:
    unknown = replace(line("paracetamol", of="u"), medicine=Medicine("x", "1", "Zorbol", ()))
    assert "no-ingredients" in gaps(check(KNOWLEDGE, line("warfarin"), [unknown], ADULT, TODAY))


def test_without_any_base_that_is_said() -> None:
    checked = check(Knowledge(()), line("warfarin"), [], ADULT, TODAY)
    assert {"no-knowledge", "unknown-substance"} <= gaps(checked)
    assert checked.sources == ()


def test_the_answer_lists_its_sources_and_what_they_never_cover() -> None:
    (source,) = check(KNOWLEDGE, line("warfarin"), [], ADULT, TODAY).sources
    assert (source.substances, source.with_doses, source.interactions) == (134, 71, 109)
    assert any("not complete" in words for words in source.not_covered)
    assert "not yet reviewed by a pharmacist" in source.edition


def test_a_hint_says_its_source_its_reference_and_how_old_its_facts_are() -> None:
    (hint,) = check(KNOWLEDGE, replace(AMIKACIN, dose=quantity(2, "g")), [], ADULT, TODAY).hints[:1]
    assert (hint.source, hint.edition[:7]) == ("Wardlink starter set", "2026-11")
    assert hint.reference.startswith("US label, amikacin")
    checked = check(KNOWLEDGE, replace(AMIKACIN, dose=quantity("1.1", "g")), [], ADULT, TODAY)
    assert [(fact.name, fact.value, fact.unit, fact.age_days) for fact in checked.hints[0].facts] == [
        ("weight", "71", "kg", 90)
    ]
    assert checked.hints[0].what.en == (
        "amikacin, 1100 mg in a day is more than 1065 mg (15 mg/kg): the most in a day"
    )
    assert checked.hints[0].what.zh == "阿米卡星每日 1100 mg，超过 1065 mg（15 mg/kg）：最大日剂量"


def test_the_clearance_that_was_reckoned_is_among_the_facts() -> None:
    facts = replace(ADULT, creatinine=Measured(450, "umol/L", NOW_MS))
    (hint,) = check(KNOWLEDGE, line("metformin"), [], facts, TODAY).hints
    assert {fact.name: f"{fact.value} {fact.unit}" for fact in hint.facts} == {
        "age": "66 a", "clearance": "14 mL/min", "creatinine": "450 umol/L", "sex": "male ",
        "weight": "71 kg",
    }  # fmt: skip


def test_the_id_of_a_hint_stays_over_time_and_changes_with_dose_and_weight() -> None:
    wanted = replace(AMIKACIN, dose=quantity("1.1", "g"))

    def of(line_: object, facts: Facts, days: int = 0) -> str:
        return check(KNOWLEDGE, line_, [], facts, TODAY.replace(day=26 - days)).hints[0].id  # type: ignore[arg-type]

    first = of(wanted, ADULT)
    assert of(wanted, ADULT, days=5) == first
    assert of(replace(wanted, dose=quantity("1.2", "g")), ADULT) != first
    assert of(wanted, replace(ADULT, weight=Measured(70, "kg", NOW_MS - DAY_MS))) != first


def test_a_limit_by_renal_function_is_no_gap_if_the_dose_is_within_it_anyway() -> None:
    facts = replace(ADULT, creatinine=None)
    assert "no-creatinine" not in gaps(
        check(KNOWLEDGE, line("gabapentin", dose="100 mg", times=2), [], facts, TODAY)
    )
    assert "no-creatinine" in gaps(
        check(KNOWLEDGE, line("gabapentin", dose="300 mg", times=3), [], facts, TODAY)
    )


def test_every_gap_and_hint_is_in_both_languages() -> None:
    checked = check(KNOWLEDGE, line("warfarin"), [line("ibuprofen")], replace(ADULT, weight=None), TODAY)
    assert len({one.id for one in checked.not_checked}) == len(checked.not_checked) > 0
    texts = [one.what for one in (*checked.hints, *checked.not_checked)]
    assert texts
    assert all(text.en.isascii() and not text.zh.isascii() for text in texts)

"""The printed hand-over: one page, whatever there is; what does not fit is counted."""

from dataclasses import replace

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings

from controller.handover.case import Case
from controller.handover.pdf import printed
from tests.support.cases import cases, ride

CHINA = 8 * 60


def page_of(case: Case, language: str = "en", offset: int = 0) -> str:
    """All that is written on the only page, blanks and line ends made even."""
    pages = pypdfium2.PdfDocument(printed(case, language, offset))
    assert len(pages) == 1
    return " ".join(pages[0].get_textpage().get_text_range().split())


def test_it_tells_who_from_where_until_when_and_when_it_was_printed() -> None:
    said = page_of(ride())
    assert "unknown, male, about 60" in said
    assert "not identified · identifier UNKNOWN-00112233aabbccdd · male · about 60 years (estimated)" in said
    assert "14:13:20 – 14:43:20 Ambulance 1" in said
    assert "14:43:20 – now Bed 1" in said
    assert "printed at 2026-09-21 14:48 UTC" in said
    assert "Told by: crew:Li Wei, nurse, Li Wei, dr.chen" in said


def test_a_vital_sign_has_its_time_its_age_and_what_is_against_it() -> None:
    said = page_of(ride())
    assert "118 /min 14:48:14 · 6 s before" in said
    assert "88 % 14:48:14 · 6 s before low perfusion · 88 to 92 · 300 readings · 3 doubtful" in said
    assert "35.8 °C 14:42:20 · 6 min before" in said


def test_what_has_no_value_says_why_and_what_the_last_one_was() -> None:
    said = page_of(ride())
    assert "no sensor contact · last value 38 mmHg at 14:33:20" in said


def test_each_point_of_news2_has_its_reason() -> None:
    said = page_of(ride())
    assert "NEWS2 16 · high" in said
    assert "3 resp. rate: 26 (≥25) · 14:48:14" in said
    assert "2 oxygen: Oxygen 10 l/min" in said


def test_an_incomplete_score_is_a_bound_and_says_what_is_missing() -> None:
    case = ride()
    assert case.score is not None
    parts = [dict(part) for part in case.score["news2"]["parts"]]
    parts[0] |= {"points": None, "lack": "stale"}
    news2 = {**case.score["news2"], "total": None, "least": 13, "parts": parts}
    said = page_of(replace(case, score={**case.score, "news2": news2}))
    assert "NEWS2 13 or more · high" in said
    assert "– resp. rate: too old" in said


def test_what_was_done_asked_and_answered_is_there_with_its_person() -> None:
    said = page_of(ride())
    for line in (
        "14:22:20 drug given: adrenaline 1 mg · Li Wei",
        "14:23:20 CPR started · Li Wei",
        "14:31:20 stroke: arms · taken back · Li Wei",
        "14:20:20 Glasgow Coma Scale: E3 VNT M5 · crew:Li Wei",
        "14:22:20 – 14:25:20 SpO2 low 88 · limit 90 · seen",
        "14:44:20 – goes on Heart rate high 121 · limit 120 · nobody reacted",
        "14:24:20 Cath lab STEMI · acknowledged by dr.chen at 14:26:20",
        "14:28:20 Blood · not acknowledged",
    ):
        assert line in said, line


def test_what_does_not_fit_is_counted_and_never_just_missing() -> None:
    case = ride()
    said = page_of(replace(case, alarms=case.alarms * 20, marks=case.marks * 9))
    assert said.count("SpO2 low 88") + said.count("Heart rate high 121") == 7
    assert "and 33 more: see the record" in said  # 40 alarms
    assert said.count("drug given") + said.count("oxygen given") == 9
    assert "and 9 more: see the record" in said  # 18 of what was given


def test_a_text_that_is_too_long_says_that_it_goes_on() -> None:
    case = ride()
    mark = replace(case.marks[-1], text="a long story " * 60)
    assert "…" in page_of(replace(case, marks=(mark,)))


def test_a_case_that_is_cut_says_where_it_begins() -> None:
    case = ride()
    said = page_of(replace(case, from_ms=case.begun_ms + 600_000))
    assert "told from 2026-09-21 14:23 on: what was before is in the record" in said


def test_entries_that_belong_to_nobody_are_not_kept_quiet() -> None:
    assert "of the crew's entries 1 could not be given to a patient" in page_of(ride())


def test_the_chinese_page_is_chinese_and_in_the_hospital_s_time() -> None:
    said = page_of(ride(), "zh", CHINA)
    for words in ("患者交接单", "身份未明", "最后生命体征", "家属稍后到院", "UTC+08:00", "22:48:14"):
        assert words in said, words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_a_patient_of_whom_nothing_is_known_the_page_says_so(language: str) -> None:
    nothing = {"vitals": (), "alarms": (), "marks": (), "checks": (), "assessments": (), "score": None}
    said = page_of(replace(ride(), requests=(), instructions=(), **nothing), language)
    assert ("no values" if language == "en" else "无数值") in said
    assert said.count("none" if language == "en" else "无") >= 5


@settings(max_examples=10, deadline=None, suppress_health_check=[*HealthCheck])
@given(cases())
def test_whatever_a_stay_holds_is_one_page(case: Case) -> None:
    page_of(case)
    page_of(case, "zh", CHINA)

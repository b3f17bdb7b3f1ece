"""A gateway's report of what is in reach: within its bounds, and read as it was told."""

from hypothesis import given
from hypothesis import strategies as st

from devices.model.found import LONGEST, MOST, Candidate, Report, Way, read_report

WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
CANDIDATES = st.builds(
    Candidate,
    where=WORDS,
    name=st.text(max_size=LONGEST),
    rssi=st.none() | st.integers(-127, 20),
    fits=st.lists(WORDS, max_size=4).map(tuple),
    heard_ms=st.integers(0, 10**6),
)
REPORTS = st.builds(
    Report,
    way=st.sampled_from(Way),
    candidates=st.lists(CANDIDATES, max_size=MOST).map(tuple),
    others=st.integers(0, 10**6),
    seconds=st.integers(0, 60),
)


@given(REPORTS)
def test_what_is_told_is_read(report: Report) -> None:
    assert read_report(report.detail()) == report


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=12) | st.integers()))
def test_what_is_no_report_is_none(detail: dict[str, str | int]) -> None:
    detail.pop("way", None)
    assert read_report(detail) is None


@given(st.dictionaries(st.sampled_from(["where.1", "rssi.1", "fits.1", "others"]), st.text() | st.integers()))
def test_a_report_with_odd_parts_is_read_as_far_as_it_goes(detail: dict[str, str | int]) -> None:
    found = read_report({**detail, "way": "ble"})
    assert found is not None
    assert all(one.where for one in found.candidates)


def test_more_than_fit_and_a_name_that_is_too_long_are_cut() -> None:
    many = Report(Way.BLE, tuple(Candidate(f"{n}", "x" * 500) for n in range(MOST + 9)))
    read = read_report(many.detail())
    assert read is not None
    assert len(read.candidates) == MOST
    assert {len(one.name) for one in read.candidates} == {LONGEST}

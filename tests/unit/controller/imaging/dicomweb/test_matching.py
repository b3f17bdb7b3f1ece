"""Each rule of attribute matching (PS3.4, C.2.2.2), against SQLite itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.archive.names import fold, words
from controller.imaging.dicomweb.keys import Level
from controller.imaging.dicomweb.matching import Conditions
from controller.imaging.dicomweb.query import parse
from controller.imaging.errors import BadQuery

_SCHEMA = """
CREATE TABLE study (
  id INTEGER PRIMARY KEY, uid, patient_id, folded, referring, date, time, accession, instances,
  modalities
);
CREATE TABLE series (id INTEGER PRIMARY KEY, study, uid, modality, attributes);
CREATE VIRTUAL TABLE name USING fts5 (words, prefix = '2 3', detail = column);
"""
_STUDIES = [
    ("1.1", "4711", "Müller^Anna", "House^Gregory", "20260101", "0700", "A[1]", 3),
    ("1.2", "4712", "Mueller^Änne", "Wilson^James", "20260102", "235959.5", "A2", 4),
    ("1.3", "4713", "Sørensen^Ole=王^小明", "", "20260103", "", "A?3", 5),
    ("1.4", "", "", "", "", "", "", 6),
    ("1.5", "4711x", "Muster^Anna", "house^gregory", "20260103", "120000", "a2", 7),
]
_SERIES = [
    (1, 1, "2.1", "CT", '{"00400244":{"vr":"DA","Value":["20260101"]}}'),
    (2, 1, "2.2", "SR", "{}"),
    (3, 2, "2.3", "MR", '{"00400275":{"vr":"SQ","Value":[{"00401001":{"vr":"SH","Value":["P1"]}}]}}'),
    (4, 5, "2.4", "CTX", '{"00400275":{"vr":"SQ"}}'),
]


_MODALITIES = {1: "\\CT\\SR\\", 2: "\\MR\\", 5: "\\CTX\\"}


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    db.executescript(_SCHEMA)
    for number, (uid, patient, name, *rest) in enumerate(_STUDIES, 1):
        folded = fold(name)
        db.execute(
            "INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, uid, patient, folded, *rest, _MODALITIES.get(number, "")),
        )
        db.execute("INSERT INTO name (rowid, words) VALUES (?, ?)", (number, words(folded)))
    for row in _SERIES:
        db.execute("INSERT INTO series VALUES (?, ?, ?, ?, ?)", (*row[:4], row[4].encode()))
    yield db
    db.close()


def found(db: sqlite3.Connection, *parameters: tuple[str, str], level: Level = Level.STUDY) -> str:
    """The last figures of the UIDs of what is found."""
    conditions = Conditions(parse(level, parameters))
    table = "study" if level is Level.STUDY else "series JOIN study ON study.id = series.study"
    what = "study" if level is Level.STUDY else "series"
    query = f"SELECT {what}.uid FROM {table} WHERE {conditions.where or '1'} ORDER BY 1"
    return "".join(row[0][-1] for row in db.execute(query, conditions.parameters))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PatientID", "4711", "1"),
        ("PatientID", "471?", "123"),
        ("PatientID", "4711*", "15"),
        ("PatientID", "*", "12345"),
        ("AccessionNumber", "A2", "2"),  # letters of both sizes differ in everything but names
        ("AccessionNumber", "A[1]*", "1"),  # brackets are no wild cards
        ("AccessionNumber", "A[123]*", ""),
        ("StudyInstanceUID", "1.1", "1"),
        ("StudyInstanceUID", "1.1,1.3", "13"),
        ("StudyInstanceUID", "1.1\\1.5", "15"),
        ("NumberOfStudyRelatedInstances", "5", "3"),
        ("ModalitiesInStudy", "CT", "1"),  # not CTX
        ("ModalitiesInStudy", "CT\\MR", "12"),
        ("ModalitiesInStudy", "CT*", "15"),
        ("ModalitiesInStudy", "SR", "1"),
        ("ReferringPhysicianName", "HOUSE^*", "15"),
        ("ReferringPhysicianName", "%", ""),  # SQL's wild cards are none here
        ("ReferringPhysicianName", "h_use^gregory", ""),
    ],
)
def test_single_values_lists_and_wild_cards(
    db: sqlite3.Connection, name: str, value: str, expected: str
) -> None:
    assert found(db, (name, value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Müller^Anna", "1"),
        ("MULLER^anna", "1"),
        ("mu?ler*", "1"),
        ("mu*", "125"),
        ("*anna", "15"),
        ("sorensen*", "3"),
        ("王*", "3"),  # its ideographic group alone
        ("muller", ""),
    ],
)
def test_names_match_without_marks_and_in_every_size(
    db: sqlite3.Connection, value: str, expected: str
) -> None:
    assert found(db, ("PatientName", value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("muller", "1"),
        ("anna mu", "15"),  # words in any order, each a beginning
        ("Änn", "125"),
        ("*ster*", "5"),  # and what the wild cards find
        ('"', ""),
        ('mu" OR "ole', ""),
        ("小", "3"),
    ],
)
def test_fuzzy_matching_takes_beginnings_of_words(db: sqlite3.Connection, value: str, expected: str) -> None:
    assert found(db, ("PatientName", value), ("fuzzymatching", "true")) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20260102", "2"),
        ("20260101-20260102", "12"),
        ("20260102-", "235"),
        ("-20260102", "12"),  # and not what has no date
    ],
)
def test_ranges_of_dates_have_both_ends_in_them(db: sqlite3.Connection, value: str, expected: str) -> None:
    assert found(db, ("StudyDate", value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0700", "1"),
        ("07", "1"),  # the whole hour
        ("070001", ""),
        ("12-", "25"),
        ("-1200", "15"),
        ("235959.5", "2"),
        ("235959.6-", ""),
        ("2359", "2"),
    ],
)
def test_ranges_of_times_go_by_the_precision_that_is_given(
    db: sqlite3.Connection, value: str, expected: str
) -> None:
    assert found(db, ("StudyTime", value)) == expected


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        (
            "20260101-20260103",
            "08-1159",
            "2",
        ),  # from the 1st at 8 to the 3rd at 11:59: the night between, too
        ("20260101-20260103", "08-12", "25"),
        ("20260101", "0600-0800", "1"),
        ("20260102-", "2359-", "25"),
        ("-20260102", "-2358", "1"),
    ],
)
def test_a_range_of_date_and_time_is_one_range(
    db: sqlite3.Connection, date: str, time: str, expected: str
) -> None:
    assert found(db, ("StudyDate", date), ("StudyTime", time)) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Modality", "CT", "1"),
        ("Modality", "CT,MR", "13"),
        ("PatientID", "4711", "12"),
        ("PerformedProcedureStepStartDate", "20260101", "1"),
        ("RequestAttributesSequence.RequestedProcedureID", "P*", "3"),
    ],
)
def test_series_are_matched_by_what_is_theirs_and_by_their_study(
    db: sqlite3.Connection, name: str, value: str, expected: str
) -> None:
    assert found(db, (name, value), level=Level.SERIES) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("StudyInstanceUID", "1.2*"),
        ("StudyInstanceUID", "../etc"),
        ("StudyInstanceUID", ","),
        ("StudyDate", "2026-01-01"),
        ("StudyDate", "-"),
        ("StudyDate", "today"),
        ("StudyTime", "2500"),
        ("StudyTime", "10:30"),
        ("NumberOfStudyRelatedSeries", "many"),
    ],
)
def test_a_value_that_its_attribute_cannot_have_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadQuery):
        Conditions(parse(Level.STUDY, [(name, value)]))


_MATCHED = [
    "PatientID",
    "PatientName",
    "ReferringPhysicianName",
    "StudyDate",
    "StudyTime",
    "ModalitiesInStudy",
]


@given(st.dictionaries(st.sampled_from(_MATCHED), st.text(max_size=60)), st.booleans())
def test_any_value_finds_something_or_nothing_and_never_breaks_the_statement(
    db: sqlite3.Connection, asked: dict[str, str], fuzzy: bool
) -> None:
    with suppress(BadQuery):
        found(db, *asked.items(), ("fuzzymatching", str(fuzzy).lower()))


@given(st.text(alphabet="ABc[]*?-^", min_size=1, max_size=12))
def test_a_value_without_wild_cards_finds_exactly_itself(db: sqlite3.Connection, value: str) -> None:
    if any(character in value for character in "*?"):
        return
    db.execute("INSERT INTO study (id, uid, patient_id) VALUES (99, '1.9', ?)", (value,))
    try:
        assert found(db, ("PatientID", value)) == "9"
        assert found(db, ("PatientID", value + "*")) == "9"
    finally:
        db.execute("DELETE FROM study WHERE id = 99")

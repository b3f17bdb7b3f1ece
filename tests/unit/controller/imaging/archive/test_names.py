"""Names are found however they are written."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.archive.names import fold, folded, patterns, words


@pytest.mark.parametrize(
    "written, found",
    [
        *(("Müller", "muller"), ("MÜLLER", "muller"), ("Straße", "strasse"), ("Sørensen", "sorensen")),
        *(("Işık", "isik"), ("Łukasz", "lukasz"), ("Þór", "thor"), ("Æsir", "aesir"), ("王小明", "王小明")),
        *(("ヤマダ", "ヤマダ"), ("Nguyễn", "nguyen"), ("ﬁne", "fine")),
    ],
)
def test_marks_and_capitals_say_nothing(written: str, found: str) -> None:
    assert fold(written) == fold(found)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(fold(text))
    assert fold(once) == once


def test_all_component_groups_are_kept() -> None:
    name = {"Alphabetic": "Yamada^Tarou^^", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}
    assert folded(name) == fold("yamada^tarou=山田^太郎=やまだ^たろう")
    assert words(folded(name)) == fold("yamada tarou 山田 太郎 やまだ たろう")
    assert folded({}) == ""


@pytest.mark.parametrize(
    "query, name, meets",
    [
        *(
            ("muster^anna", "Muster^Anna", True),
            ("Muster*", "Muster^Anna", True),
            ("muster", "Muster^Anna", False),
        ),
        *(("M?ster^*", "Müster^Anna", True), ("山田*", "Yamada^Tarou=山田^太郎", True)),
        *(("太郎", "Yamada^Tarou=山田^太郎", False), ("Muster^Anna^^^", "Muster^Anna", True)),
        *(("yamada^tarou", "Yamada^Tarou=山田^太郎", True), ("[a-z]*", "Muster^Anna", False)),
        ("[a-z]*", "[a-z]uster", True),
    ],
)
def test_a_query_meets_any_group(query: str, name: str, meets: bool) -> None:
    groups = dict(zip(("Alphabetic", "Ideographic", "Phonetic"), name.split("="), strict=False))
    db = sqlite3.connect(":memory:")
    met = [
        db.execute("SELECT ? GLOB ?", (folded(groups), pattern)).fetchone()[0] for pattern in patterns(query)
    ]
    assert any(met) is meets


@given(st.text(alphabet="ab*?[]^=\\", max_size=12), st.text(alphabet="ab[]", max_size=6))
def test_a_query_with_brackets_is_no_pattern_of_sqlite(query: str, name: str) -> None:
    db = sqlite3.connect(":memory:")
    for pattern in patterns(query):
        db.execute("SELECT ? GLOB ?", (name, pattern)).fetchone()
    assert db.execute("SELECT ? GLOB ?", (name, patterns(name)[0])).fetchone()[0]

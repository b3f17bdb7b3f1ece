"""A base is read strictly: an error says file, row, column, what was expected and what came."""

from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.prescriptions.checks.check import check
from controller.prescriptions.checks.knowledge import Knowledge
from controller.prescriptions.checks.model import ATC, Severity
from controller.prescriptions.checks.reading import COLUMNS, HEAD, read, read_folder
from controller.prescriptions.checks.tables import MOST_BYTES, KnowledgeError

from .given import ADULT, STARTER, TODAY, line

OWN: dict[str, bytes] = {
    HEAD: b'name = "Our own"\nedition = "3 of 2026-10"\nlicence = "ours"\nsystem = "urn:our"\n'
    b'languages = ["en"]\nnot_covered = []\n',
    "groups.csv": b"code,name_en,name_zh,synonyms,duplicate\ngroup:sour,sour things,,,yes\n",
    "substances.csv": b"code,name_en,name_zh,atc,rxnorm,groups,synonyms,high_alert\n"
    b"paracetamol,paracetamol,,N02BE01,161,group:sour,APAP,no\nwarfarin,warfarin,,B01AA03,,,,yes\n",
    "doses.csv": b"substance,routes,age_from,age_below,weight_below,clearance_below,per,most,unit,severity,"
    b"note_en,note_zh,reference\nparacetamol,,18y,,,,day,3,g,information,our rule,,SOP 7\n",
    "interactions.csv": b"one,other,severity,effect_en,effect_zh,reference\n"
    b"warfarin,group:sour,moderate,INR may rise,,SOP 8\n",
    "allergies.csv": b"known,given,severity,note_en,note_zh,reference\n",
}


def with_(file: str, old: str, new: str) -> dict[str, bytes]:
    text = OWN[file].decode()
    assert old in text
    return {**OWN, file: text.replace(old, new, 1).encode()}


def test_a_hospital_s_own_base_speaks_beside_the_other_under_its_name() -> None:
    both = Knowledge((STARTER, read(OWN)))
    checked = check(both, line("paracetamol", dose="1.5 g", times=3), [line("warfarin")], ADULT, TODAY)
    assert {(hint.source, hint.reference) for hint in checked.hints if hint.source == "Our own"} == {
        ("Our own", "SOP 7"),
        ("Our own", "SOP 8"),
    }
    assert {hint.source for hint in checked.hints} == {"Our own", "Wardlink starter set"}
    assert [(source.name, source.substances) for source in checked.sources] == [
        ("Wardlink starter set", 134),
        ("Our own", 2),
    ]


def test_a_base_in_one_language_says_the_same_words_in_the_other() -> None:
    assert read(OWN).groups["group:sour"].name.zh == "sour things"


def test_the_tables_but_groups_and_substances_may_be_missing() -> None:
    base = read({name: OWN[name] for name in (HEAD, "groups.csv", "substances.csv")})
    assert (base.source.with_doses, base.source.interactions) == (0, 0)


def test_a_folder_is_read(tmp_path: Path) -> None:
    for name, data in OWN.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + data if name.endswith("csv") else data)
    assert read_folder(tmp_path).source == read(OWN).source


def test_a_folder_without_a_base_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"base\.toml: expected this file"):
        read_folder(tmp_path / "nowhere")


WRONG = [
    ("substances.csv", "N02BE01", "N02BE", "substances.csv, row 2, atc: expected different codes"),
    (
        "substances.csv",
        "B01AA03",
        "N02BE01",
        "row 3, atc: expected codes that no substance above has, got 'N02BE01'",
    ),
    (
        "substances.csv",
        "warfarin,warfarin",
        "paracetamol,x",
        "row 3, code: expected a code that is not above",
    ),
    ("substances.csv", "161", "a161", "row 2, rxnorm: expected a code"),
    (
        "substances.csv",
        "group:sour",
        "group:sweet",
        "row 2, groups: expected groups of groups.csv, got 'group:sweet'",
    ),
    ("substances.csv", ",no\n", ",No\n", "row 2, high_alert: expected yes or no, got 'No'"),
    ("substances.csv", "paracetamol,paracetamol", "paracetamol,", "row 2, name_en: expected some text"),
    ("substances.csv", ",,yes", ",yes", "substances.csv, row 3: expected 8 cells, got 7"),
    ("substances.csv", "code,", "kode,", "row 1: expected the columns code, name_en"),
    ("groups.csv", "group:sour", "sour", "groups.csv, row 2, code: expected a code of the form group:"),
    ("doses.csv", "paracetamol", "paracetamoll", "row 2, substance: expected a substance of substances.csv"),
    ("doses.csv", "day,3", "hour,3", "row 2, per: expected dose or day or week or never, got 'hour'"),
    ("doses.csv", "day,3", "day,-3", "row 2, most: expected a decimal number such as 0.5, got '-3'"),
    (
        "doses.csv",
        "day,3",
        "never,3",
        "row 2, most: expected 0 if, and only if, it is never to be given, got '3'",
    ),
    ("doses.csv", "day,3", "day,0", "row 2, most: expected 0 if"),
    ("doses.csv", "3,g", "3,gram", "row 2, unit: expected a UCUM unit such as mg or mg/kg, got 'gram'"),
    ("doses.csv", "3,g", "3,g/L", "row 2, unit: expected a unit of amount, or one per kg"),
    ("doses.csv", "18y", "18", "row 2, age_from: expected an age such as 28d, 6m or 12y, got '18'"),
    ("doses.csv", "information", "minor", "row 2, severity: expected contraindicated or serious or moderate"),
    ("doses.csv", "l,,18y", "l,by mouth,18y", "row 2, routes: expected"),
    ("doses.csv", "SOP 7", "", "row 2, reference: expected some text, got ''"),
    (
        "interactions.csv",
        "group:sour",
        "group:x",
        "row 2, other: expected a substance of substances.csv or a group",
    ),
    ("interactions.csv", "INR may", '"INR', "interactions.csv, row"),
    ("interactions.csv", "INR", "IN\x00R", "interactions.csv"),
    (HEAD, 'edition = "3 of 2026-10"\n', "", "base.toml: expected name, edition, licence, system"),
    (HEAD, '"ours"', "7", "base.toml, licence: expected some text, got 7"),
    (HEAD, '["en"]', '["de"]', 'base.toml, languages: expected "en", "zh" or both'),
    (HEAD, "[]", "[1]", "base.toml, not_covered: expected a list of texts"),
    (HEAD, "name =", "name", "base.toml: expected TOML"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), WRONG)
def test_an_error_says_where_what_was_expected_and_what_came(
    file: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(KnowledgeError) as refused:
        read(with_(file, old, new))
    assert said in str(refused.value)


def test_what_is_not_utf_8_or_too_long_is_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"groups\.csv: expected UTF-8, got byte 0xff at 0"):
        read({**OWN, "groups.csv": b"\xff"})
    with pytest.raises(KnowledgeError, match="expected at most"):
        read({**OWN, "groups.csv": bytes(MOST_BYTES + 1)})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([HEAD, *COLUMNS]), st.data())
def test_any_bytes_are_a_base_or_are_refused(file: str, data: st.DataObject) -> None:
    good = OWN[file]
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(
        st.binary(max_size=20) | st.sampled_from([b",", b'"', b"\n", b"[" * 3000, b"\x00", b"\r"])
    )
    cut = data.draw(st.integers(0, 20))
    try:
        assert read({**OWN, file: good[:at] + put + good[at + cut :]}).source.name
    except KnowledgeError as refused:
        assert file in str(refused) or "csv" in str(refused)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([HEAD, *COLUMNS]), st.binary(max_size=200))
def test_foreign_bytes_are_refused_and_nothing_else(file: str, data: bytes) -> None:
    try:
        read({**OWN, file: data})
    except KnowledgeError as refused:
        assert "expected" in str(refused)


def test_the_starter_set_is_in_both_languages_and_each_row_has_a_reference() -> None:
    names = [one.name for one in (*STARTER.substances.values(), *STARTER.groups.values())]
    assert all(name.en.isascii() and not name.zh.isascii() for name in names)
    texts = [*(rule.effect for rule in STARTER.interactions), *(rule.note for rule in STARTER.crosses),
             *(limit.note for some in STARTER.limits.values() for limit in some)]  # fmt: skip
    assert all(not text.zh.isascii() for text in texts)
    rules = [
        *STARTER.interactions,
        *STARTER.crosses,
        *(limit for some in STARTER.limits.values() for limit in some),
    ]
    references = [rule.reference for rule in rules]
    assert all("label" in said or "information" in said or "monograph" in said for said in references)


@pytest.mark.parametrize("group", ["opioid", "insulin", "anticoagulant", "neuromuscular-blocker"])
def test_whole_classes_are_of_high_alert(group: str) -> None:
    members = [one for one in STARTER.substances.values() if f"group:{group}" in one.groups]
    assert members
    assert all(one.high_alert for one in members)


def test_concentrated_potassium_and_chemotherapy_are_of_high_alert() -> None:
    assert all(
        STARTER.substances[code].high_alert for code in ("potassium-chloride", "vincristine", "methotrexate")
    )


def test_every_group_has_members_and_every_code_leads_back() -> None:
    used = {group for one in STARTER.substances.values() for group in one.groups}
    assert used == set(STARTER.groups)
    assert all(STARTER.by_code(ATC, code) is one for one in STARTER.substances.values() for code in one.atc)
    assert {rule.severity for rule in STARTER.interactions} <= set(Severity)


def test_no_interaction_is_said_twice() -> None:
    pairs = [tuple(sorted((rule.one, rule.other))) for rule in STARTER.interactions]
    assert len(set(pairs)) == len(pairs)


def test_the_starter_set_is_shipped_as_files() -> None:
    folder = resources.files("controller.prescriptions.checks") / "starter"
    assert {file.name for file in folder.iterdir()} == {HEAD, *COLUMNS, "products.csv"}

"""The medicines that a hospital has: read strictly, and found while somebody types."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.prescriptions.checks.check import check
from controller.prescriptions.checks.formulary import (
    COLUMNS,
    PRODUCTS,
    read_file,
    read_products,
    starter_formulary,
)
from controller.prescriptions.checks.model import Text
from controller.prescriptions.checks.search import Index, words_of
from controller.prescriptions.checks.tables import KnowledgeError
from controller.prescriptions.checks.units import quantity
from controller.prescriptions.cold.record import COLD, Range

from .given import ADULT, KNOWLEDGE, STARTER, TODAY, allergic, line, severities

FORMULARY = starter_formulary(STARTER)
INDEX = Index(FORMULARY.products.values())
ROW = (
    "A1,04012345678901,Amox,阿莫西林,Amoxil,amoxicillin=500 mg/1 {capsule},"
    "capsule,oral,24,{capsule},no,cooled,g1"
)
GOOD = (",".join(COLUMNS) + "\n" + ROW + "\n").encode()


def test_a_product_is_read_whole() -> None:
    product = read_products(GOOD, (STARTER,)).by_gtin["04012345678901"]
    assert (product.code, product.name, product.pack) == (
        "A1",
        Text("Amox", "阿莫西林"),
        quantity(24, "{capsule}"),
    )
    assert (product.storage, product.high_alert, product.group) == (COLD, False, "g1")
    assert product.synonyms == ("Amoxil", "阿莫西林")
    (ingredient,) = product.medicine.ingredients
    assert ingredient.strength is not None
    assert str(ingredient.strength.amount) == "500 mg"


def test_a_product_of_the_formulary_is_checked_as_it_is() -> None:
    capsule = FORMULARY.products["AMCL625T"].medicine
    wanted = replace(line("amoxicillin", dose="2 {tablet}", times=3), medicine=capsule)
    assert severities(check(KNOWLEDGE, wanted, [], allergic("penicillin"), TODAY), "allergy") == [
        "contraindicated"
    ]
    assert severities(check(KNOWLEDGE, wanted, [], ADULT, TODAY), "dose") == []


def test_a_high_alert_substance_makes_a_high_alert_product() -> None:
    alert = {code for code, product in FORMULARY.products.items() if product.high_alert}
    assert {"KCL10I", "MORPH10I", "INSGLA300P", "WARF25T", "MTX25T", "SUX100I"} <= alert
    assert "AMOX500C" not in alert


def test_what_may_stand_for_a_product_is_of_its_group() -> None:
    assert [one.code for one in FORMULARY.instead_of(FORMULARY.products["AMOX500C"])] == ["AMOX250C"]
    assert FORMULARY.instead_of(FORMULARY.products["WARF25T"]) == []


WRONG = [
    ("04012345678901", "04012345678902", "row 2, gtin: expected a GTIN with a right check digit, or nothing"),
    (
        "amoxicillin=500 mg",
        "amoxi=500 mg",
        "row 2, ingredients: expected substances of a base, which amoxi is not",
    ),
    ("500 mg/1", "0 mg/1", "row 2, ingredients: expected amounts above 0"),
    ("500 mg/1", "5.0.0 mg/1", "row 2, ingredients: expected amounts above 0"),
    ("500 mg/1", "500 mgs/1", "row 2, ingredients: expected amounts above 0 in known units"),
    ("amoxicillin=500 mg/1 {capsule}", "", "row 2, ingredients: expected at least one"),
    ("amoxicillin=500", "amoxicillin 500", "row 2, ingredients: expected substance=amount"),
    ("oral", "mouth", "row 2, routes: expected"),
    ("24,", "0,", "row 2, pack: expected more than 0, got '0'"),
    ("cooled", "cold", "row 2, storage: expected room, cooled, or a range in °C, as 2..8, got 'cold'"),
    ("cooled", "8..2", "row 2, storage: expected room, cooled, or a range in °C, as 2..8, got '8..2'"),
    ("cooled", "2..8 °C", "row 2, storage: expected room, cooled, or a range in °C"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_an_error_says_where_what_was_expected_and_what_came(old: str, new: str, said: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        read_products(GOOD.decode().replace(old, new, 1).encode(), (STARTER,))
    assert said in str(refused.value)


def test_a_range_of_temperatures_is_read_exactly() -> None:
    frozen = read_products(GOOD.decode().replace("cooled", "-25..-15.5").encode(), (STARTER,))
    assert frozen.products["A1"].storage == Range(Decimal(-25), Decimal("-15.5"))
    room = read_products(GOOD.decode().replace("cooled", "room").encode(), (STARTER,))
    assert room.products["A1"].storage is None


def test_a_code_or_a_gtin_stands_for_one_product() -> None:
    with pytest.raises(KnowledgeError, match="row 3, code: expected a code that is not above"):
        read_products(GOOD + ROW.encode(), (STARTER,))
    with pytest.raises(KnowledgeError, match="row 3, gtin: expected a GTIN that is not above"):
        read_products(GOOD + ROW.replace("A1", "A2").encode(), (STARTER,))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="expected a formulary"):
        read_file(tmp_path / PRODUCTS, (STARTER,))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(GOOD)), st.binary(max_size=12), st.integers(0, 12))
def test_any_bytes_are_a_formulary_or_are_refused(at: int, put: bytes, cut: int) -> None:
    try:
        read_products(GOOD[:at] + put + GOOD[at + cut :], (STARTER,))
    except KnowledgeError as refused:
        assert "expected" in str(refused)


@pytest.mark.parametrize("gtin", ["96385074", "4006381333931", "036000291452"])
def test_a_product_is_found_by_its_gtin_however_short_it_was_written(gtin: str) -> None:
    read = read_products(GOOD.replace(b"04012345678901", gtin.encode()), (STARTER,))
    assert read.by_gtin[gtin.zfill(14)].code == "A1"


FOUND = [
    ("amox", "AMOX500C"),
    ("AMOX500C", "AMOX500C"),
    ("amoxicilin", "AMOX500C"),
    ("amoxicillin 250", "AMOX250C"),
    ("250 amoxi", "AMOX250C"),
    ("paracetmol", "PARA500T"),
    ("acetaminophen", "PARA500T"),
    ("wafrarin", "WARF25T"),
    ("阿莫西林", "AMOX500C"),
    ("西林", "AMOX500C"),
    ("胰岛素", "INSR400I"),
    ("ＫＣｌ", "KCL10I"),
    ("clavul", "AMCL625T"),
    ("0.25", "DIG025T"),
]


@pytest.mark.parametrize(("text", "code"), FOUND)
def test_a_product_is_found_by_beginning_part_synonym_and_typing_error(text: str, code: str) -> None:
    assert code in {product.code for product in INDEX.search(text)}


@pytest.mark.parametrize("text", ["", "  ", "!?", "zzzzzz", "amoxicillin warfarin", "99999"])
def test_nothing_is_found_for_nothing(text: str) -> None:
    assert INDEX.search(text) == []


def test_the_whole_word_comes_before_its_beginning_and_no_more_than_asked_for() -> None:
    assert [product.code for product in INDEX.search("5 mg", most=1)] != []
    assert INDEX.search("warfarin")[0].code == "WARF25T"
    assert len(INDEX.search("m", most=3)) <= 3


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FORMULARY.products)), st.data())
def test_a_word_of_the_name_finds_the_product_even_with_two_letters_changed_round(
    code: str, data: st.DataObject
) -> None:
    word = max((each for each in words_of(FORMULARY.products[code].name.en) if each.isalpha()), key=len)
    at = data.draw(st.integers(0, len(word) - 2))
    typed = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert code in {product.code for product in INDEX.search(typed, most=100)}


@given(st.text(max_size=100))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_searched(text: str) -> None:
    assert len(INDEX.search(text)) <= 20

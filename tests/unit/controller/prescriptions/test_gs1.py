"""Barcodes of packs, as the GS1 General Specifications have them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import BadLabel
from controller.prescriptions.gs1 import GS, check_digit, gtin_14, read

TODAY = "2026-11-26"
SET_82 = "!\"%&'*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""Without brackets, in which the form for people has identifiers."""
DATA = st.text(st.sampled_from(SET_82), min_size=1, max_size=20)
BODIES = st.text(st.sampled_from("0123456789"), min_size=13, max_size=13)
DATES = st.dates(date(1980, 1, 1), date(2070, 12, 31))


@pytest.mark.parametrize("start", ["", GS, "]d2", "]C1", "]Q3", "]d2" + GS])
def test_a_data_matrix_says_product_batch_expiry_and_serial(start: str) -> None:
    found = read(f"{start}010950110153000317270131" + f"10ABC123{GS}21X-1", TODAY)
    assert (found.gtin, found.batch, found.expiry, found.serial) == (
        "09501101530003",
        "ABC123",
        "2027-01-31",
        "X-1",
    )


def test_the_form_for_people_says_the_same() -> None:
    scanned = read(f"]d2010950110153000310ABC{GS}172701313730", TODAY)
    assert read("(01)09501101530003(10)ABC(17)270131(37)30", TODAY) == scanned
    assert scanned.count == 30


def test_a_weight_has_its_decimal_point_in_the_identifier() -> None:
    assert str(read("01095011015300033103001750", TODAY).net_weight_kg) == "1.750"
    assert str(read("01095011015300033101001750", TODAY).net_weight_kg) == "175.0"


@pytest.mark.parametrize(
    ("data", "expected"),
    [("270200", "2027-02-28"), ("280200", "2028-02-29"), ("271200", "2027-12-31"), ("270215", "2027-02-15")],
)
def test_day_00_is_the_last_of_the_month(data: str, expected: str) -> None:
    assert read(f"17{data}", TODAY).expiry == expected


@pytest.mark.parametrize(
    ("today", "data", "expected"),
    [
        ("2026-11-26", "760101", "2076-01-01"),
        ("2026-11-26", "770101", "1977-01-01"),
        ("2051-01-01", "000101", "2100-01-01"),
        ("2096-01-01", "460101", "2146-01-01"),
        ("2096-01-01", "470101", "2047-01-01"),
    ],
)
def test_the_century_is_the_nearest(today: str, data: str, expected: str) -> None:
    """GS1 General Specifications, 7.12: 51 to 99 ahead is the last century, 50 to 99 behind the next."""
    assert read(f"17{data}", today).expiry == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing"),
        ("0109501101530004", "check digit"),
        ("01095011015300", "14 characters"),
        ("17271301", "date as YYMMDD"),
        ("17270230", "date as YYMMDD"),
        ("17AB0131", "digits"),
        ("10ABC\x1d10ABD", "twice"),
        ("10" + "A" * 21, "1 to 20 characters"),
        ("10A~B", "marks of GS1's set"),
        ("9", "application identifier"),
        ("(05)1", "application identifier"),
        ("A" * 600, "at most 512"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(BadLabel, match=words):
        read(text, TODAY)


def test_a_gtin_of_a_shop_is_one_of_14_digits() -> None:
    assert gtin_14("9501101530003") == "09501101530003"
    assert gtin_14("96385074") == "00000096385074"
    with pytest.raises(BadLabel, match="GTIN of 8"):
        gtin_14("9501101530004")


@settings(max_examples=40)
@given(BODIES, DATA, DATA, DATES)
def test_whatever_order_and_form_an_encoder_chooses_the_same_is_read(
    body: str, batch: str, serial: str, day: date
) -> None:
    gtin, short = body + check_digit(body), f"{day:%y%m%d}"
    forms = [
        f"]d201{gtin}17{short}10{batch}{GS}21{serial}",
        f"]d210{batch}{GS}21{serial}{GS}01{gtin}17{short}",
        f"{GS}21{serial}{GS}17{short}{GS}01{gtin}10{batch}{GS}",
        f"(01){gtin}(17){short}(10){batch}(21){serial}",
    ]
    for form in forms:
        found = read(form, TODAY)
        assert (found.gtin, found.batch, found.serial) == (gtin, batch, serial)
        assert found.expiry[2:] == f"{day:%y-%m-%d}"


@given(BODIES, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_found(body: str, place: int, by: int) -> None:
    right = body + check_digit(body)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    with pytest.raises(BadLabel, match="check digit"):
        read(f"01{wrong}", TODAY)


@given(st.text(max_size=80) | st.text(st.sampled_from("0123456789()\x1d]d2AB"), max_size=80))
def test_whatever_is_scanned_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = read(text, TODAY)
    except BadLabel as error:
        assert str(error)
    else:
        assert found.elements

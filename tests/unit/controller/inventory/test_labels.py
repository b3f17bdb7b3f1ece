"""What a scan says: real spellings of UDI labels, addresses and serial numbers; and clear refusals."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from controller.errors import BadLabel
from controller.inventory.labels import LONGEST, SEPARATOR, Kind, Label, bluetooth_address, read

GTIN = "04211125658212"
SERIALS = st.text(string.ascii_letters + string.digits + "-/._", min_size=1, max_size=20)


@pytest.mark.parametrize(
    "scan",
    [
        f"]d201{GTIN}1125112110L7{SEPARATOR}21A17",
        f"]d2{SEPARATOR}01{GTIN}1125112110L7{SEPARATOR}21A17",
        f"]Q301{GTIN}1125112110L7{SEPARATOR}21A17",
        f"]C101{GTIN}1125112110L7{SEPARATOR}21A17",
        f"01{GTIN}1125112110L7{SEPARATOR}21A17",
        f"{SEPARATOR}01{GTIN}1125112110L7{SEPARATOR}21A17",
        f"(01){GTIN}(11)251121(10)L7(21)A17",
        f" (01){GTIN}(11)251121(10)L7(21)A17\r\n",
        f"https://id.gs1.org/01/{GTIN}/10/L7/21/A17?11=251121",
    ],
)
def test_a_udi_label_is_read_however_the_scanner_spells_it(scan: str) -> None:
    label = read(scan)
    assert (label.kind, label.gtin, label.serial, label.lot) == (Kind.GS1, GTIN, "A17", "L7")
    assert (label.made, label.expires) == ("2025-11-21", "")


@pytest.mark.parametrize("scan", ["4211125658212", "]E04211125658212", "04211125658212"])
def test_a_gtin_alone_is_the_models_and_no_serial_number(scan: str) -> None:
    assert read(scan) == Label(Kind.GS1, scan.removeprefix("]E0"), gtin=GTIN)


def test_eight_digits_are_a_gtin_only_when_the_scanner_says_so() -> None:
    assert read("12345670").serial == "12345670"
    assert read("]E412345670").gtin == "00000012345670"


@pytest.mark.parametrize(
    "scan",
    ["00:1c:05:ff:e8:74", "00-1C-05-FF-E8-74", "001C05FFE874", "]Q1001c05ffe874", " 00:1C:05:FF:E8:74 "],
)
def test_a_bluetooth_address_has_one_spelling_afterwards(scan: str) -> None:
    assert read(scan).address == "00:1C:05:FF:E8:74"
    assert read(scan).kind is Kind.ADDRESS


@pytest.mark.parametrize("text", ["00:1c-05:ff:e8:74", "00:1c:05:ff:e8", "001122334455", "00:1c:05:ff:e8:7g"])
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert bluetooth_address(text) is None


@pytest.mark.parametrize(
    "scan", ["A-17", "SN: A-17", "S/N A-17", "serial number: A-17", "Serial No. A-17", "sn#A-17"]
)
def test_a_serial_number_is_taken_with_or_without_its_title(scan: str) -> None:
    assert (read(scan).kind, read(scan).serial) == (Kind.SERIAL, "A-17")


def test_other_text_is_kept_for_the_models_name_in_it() -> None:
    assert read("https://example.org/BM85") == Label(Kind.TEXT, "https://example.org/BM85")
    assert read("Beurer BM 85 SN 4711").serial == "4711"


@pytest.mark.parametrize(
    ("scan", "why"),
    [
        ("", "expected printable text"),
        ("\x07beep", "expected printable text"),
        ("]d2", "expected printable text"),
        ("x" * (LONGEST + 1), f"at most {LONGEST} characters, got {LONGEST + 1}"),
        ("(01)04211125658213(21)A", "check digit.*expected 2, got 3.*scan again"),
        ("0104211125658213", "check digit"),
        ("]d221A17", r"there is no GTIN, \(01\)"),
        ("(01)0421112", "expected a GS1 label"),
        ("(17)991399(01)04211125658212", "expected a GS1 label"),
        ("+A123BJC5D6E71", "HIBC label, which is not read here: type SN and the serial number"),
    ],
)
def test_a_refusal_says_what_came_and_what_to_do(scan: str, why: str) -> None:
    with pytest.raises(BadLabel, match=f"(?i){why}"):
        read(scan)


def test_a_serial_number_that_a_label_would_be_refused_for_can_be_typed() -> None:
    with pytest.raises(BadLabel):
        read("0104211125658213")
    assert read("SN 0104211125658213").serial == "0104211125658213"


@given(SERIALS, SERIALS)
def test_lot_and_serial_come_back_from_every_label(lot: str, serial: str) -> None:
    label = read(f"]d201{GTIN}10{lot}{SEPARATOR}21{serial}")
    assert (label.gtin, label.lot, label.serial) == (GTIN, lot, serial)


@given(st.text(max_size=60) | st.from_regex(r"(\]d2|\(01\)|01|\+A|https://)[ -~\x1d]{0,40}", fullmatch=True))
@example("]")
def test_any_text_is_a_label_or_a_clear_refusal(scan: str) -> None:
    try:
        label = read(scan)
    except BadLabel as error:
        assert ": " in str(error)
    else:
        assert len(label.gtin) in (0, 14)
        assert SEPARATOR not in label.serial


@given(st.binary(min_size=6, max_size=6), st.sampled_from([":", "-"]))
def test_every_address_is_read_in_every_spelling(address: bytes, separator: str) -> None:
    assert bluetooth_address(address.hex(separator)) == address.hex(":").upper()

"""Values as PS3.18, F.2 writes them, and text in the character sets of hospitals."""

import struct
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import CODES_TO_ENCODINGS, convert_encodings, decode_bytes, python_encoding

from controller.imaging.dicom.charsets import decoder
from controller.imaging.dicom.part10 import IMPLICIT, read_instance
from controller.imaging.dicom.tags import vr_of
from controller.imaging.dicom.values import READ
from tests.support.dicom import ct, part10


def values(vr: str, raw: bytes, *sets: str, order: str = "<") -> list[Any]:
    return READ[order][vr](raw, decoder(list(sets)))


@pytest.mark.parametrize(
    ("vr", "raw", "expected"),
    [
        ("LO", b"one\\ two \\\\three ", ["one", "two", None, "three"]),
        ("LO", b"\\ \\", []),
        ("UI", b"1.2.3\0", ["1.2.3"]),
        ("LT", b" a\\b  ", [" a\\b"]),
        ("UR", b"http://a/b ", ["http://a/b"]),
        ("DS", b"1.50\\-2\\ 1e3 ", [1.5, -2, 1000.0]),
        ("DS", b"n/a\\nan\\1_0", ["n/a", "nan", "1_0"]),
        ("IS", b"7\\1.5", [7, "1.5"]),
        ("PN", b"A^B=C\\\\=D ", [{"Alphabetic": "A^B", "Ideographic": "C"}, None, {"Ideographic": "D"}]),
        ("FL", struct.pack("<3f", 0.5, float("inf"), float("nan")), [0.5, "inf", "NaN"]),
        ("AT", b"\x18\0\x63\x10", ["00181063"]),
        ("US", b"", []),
        ("SL", struct.pack("<2l", -1, 2), [-1, 2]),
    ],
)  # fmt: skip
def test_a_value_is_written_as_the_standard_says(vr: str, raw: bytes, expected: list[Any]) -> None:
    assert values(vr, raw) == expected


def test_a_number_of_a_big_endian_file_is_turned_round() -> None:
    assert values("US", b"\1\2", order=">") == [0x0102]
    assert values("AT", b"\0\x18\x10\x63", order=">") == ["00181063"]


@pytest.mark.parametrize(
    ("name", "sets", "raw"),
    [
        ("Müller^Jürg", ["ISO_IR 100"], "Müller^Jürg".encode("latin-1")),
        ("Wałęsa", ["ISO_IR 101"], "Wałęsa".encode("iso8859-2")),
        ("Люкceмбypг", ["ISO_IR 144"], "Люкceмбypг".encode("iso8859-5")),
        ("Διονυσιος", ["ISO_IR 126"], "Διονυσιος".encode("iso8859-7")),
        ("王^小东", ["GB18030"], "王^小东".encode("gb18030")),
        ("王^小东", ["ISO_IR 192"], "王^小东".encode()),
        ("undeclared Müller", [], "undeclared Müller".encode("latin-1")),
        ("no such set", ["ISO_IR 4711"], b"no such set"),
    ],
)
def test_text_is_decoded_by_the_set_that_the_file_names(name: str, sets: list[str], raw: bytes) -> None:
    assert values("LO", raw, *sets) == [name]


def test_a_japanese_name_has_its_three_groups() -> None:
    # PS3.5, H.3.1
    raw = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
    assert values("PN", raw, "", "ISO 2022 IR 87") == [
        {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}
    ]


_TERMS = ["", *(name for name in python_encoding if name)]


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(
    st.lists(st.sampled_from(_TERMS), min_size=2, max_size=4),
    st.lists(
        st.sampled_from([*CODES_TO_ENCODINGS, b"A^", b"=", b"\xb1\xe8", b"\xc4", b";3ED", b"\x1b(Z"]),
        max_size=6,
    ).map(b"".join),
)
def test_code_extensions_are_decoded_as_pydicom_does(sets: list[str], raw: bytes) -> None:
    theirs = decode_bytes(raw, convert_encodings(list(sets)), set(b"\r\n\t\f\\^="))
    ours = decoder(list(sets))(raw)
    assert ours == theirs or "\ufffd" in ours  # what is damaged they give up as a whole


@pytest.mark.parametrize(
    "sets", [["Muster^Anna"], ["", "Muster^Anna"], ["ISO_IR 192", "Muster^Anna"], ["idna"]]
)
def test_a_character_set_that_is_none_is_neither_told_nor_believed(
    sets: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Its words are the file's: a patient's name has been seen there."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = values("LO", b"xn--mller-kva \xff\x1b$B;3\x1b(Z", *sets)
    assert found[0].startswith("xn--mller-kva ")
    assert not caplog.records


def test_a_misspelt_character_set_is_understood() -> None:
    assert values("LO", "Müller".encode("latin-1"), "ISO-IR 100") == ["Müller"]
    assert values("LO", "Jürg".encode(), "ISO IR 192") == ["Jürg"]
    assert values("LO", b"\x1b$B;3ED\x1b(B", "", "ISO-2022-IR-87") == ["山田"]


def test_bytes_that_are_no_utf_8_lose_no_image() -> None:
    content = ct(patient_name="Muster^Anna").replace(b"Muster^Anna", b"Muster^Ann\xff")
    (name,) = read_instance(content).data_set["00100010"]["Value"]
    assert name["Alphabetic"].startswith("Muster^Ann")


@pytest.mark.parametrize(
    ("tag", "creator", "vr"),
    [
        (0x00100020, None, "LO"),
        (0x60023000, None, "OW"),  # an overlay: a group that repeats
        (0x00090000, None, "UL"),
        (0x00090010, None, "LO"),
        (0x00091027, "GEMS_IDEN_01", "SL"),
        (0x00091027, "nobody", "UN"),
        (0x00091027, None, "UN"),
    ],
)
def test_a_tag_has_its_vr_where_the_file_says_none(tag: int, creator: str | None, vr: str) -> None:
    assert vr_of(tag, creator) == vr


@pytest.mark.parametrize(("signed", "vr", "value"), [(1, "SS", -2), (0, "US", 65534)])
def test_the_smallest_pixel_is_signed_when_pixels_are(signed: int, vr: str, value: int) -> None:
    body = b"\x28\0\x03\x01\2\0\0\0" + struct.pack("<H", signed) + b"\x28\0\x06\x01\2\0\0\0\xfe\xff"
    assert read_instance(part10(body, IMPLICIT)).data_set["00280106"] == {"vr": vr, "Value": [value]}


def test_group_lengths_are_left_out() -> None:
    body = b"\x08\0\0\0UL\4\0\x0c\0\0\0" + b"\x08\0\x60\0CS\2\0CT"
    assert list(read_instance(part10(body)).data_set) == ["00080060"]

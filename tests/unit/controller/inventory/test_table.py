"""Records as CSV: what an export wrote comes back, and each bad row has its own error."""

import csv
import io
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadRecord
from controller.inventory import table
from controller.inventory.record import COLUMNS, checked
from controller.inventory.table import Fault, Row, read, write

PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), max_size=30)
NOTES = PRINTABLE | st.sampled_from("=+-@'").flatmap(lambda first: PRINTABLE.map(lambda rest: first + rest))
RECORDS = st.fixed_dictionaries(
    {
        "device": st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20),
        "profile": st.sampled_from(["nonin-3230", "beurer-bm85"]),
        "asset_tag": st.from_regex(r"[A-Z0-9][A-Z0-9./_-]{0,20}", fullmatch=True) | st.just(""),
        "serial": st.text(string.ascii_letters + string.punctuation, max_size=20),
        "gtin": st.sampled_from(["", "04211125658212"]),
        "address": st.sampled_from(["", "00:1C:05:FF:E8:74"]),
        "gateway": st.sampled_from(["", "ward-a"]),
        "calibration_due": st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(str) | st.just(""),
        "notes": NOTES,
    }
)


def rows(data: bytes) -> list[Row | Fault]:
    return list(read(data))


@given(st.lists(RECORDS, max_size=5))
def test_what_was_exported_comes_back_as_it_was(devices: list[dict[str, str]]) -> None:
    back = [row.values for row in rows(write(devices)) if isinstance(row, Row)]
    assert [{name: one[name] for name in COLUMNS} for one in back] == devices
    for one in back:
        record, problems = checked(one)
        assert record is not None and not problems
        assert record.as_row() == {name: one[name].strip() for name in COLUMNS}


@given(st.lists(RECORDS, min_size=1, max_size=5))
def test_no_field_of_an_export_is_run_by_a_spreadsheet(devices: list[dict[str, str]]) -> None:
    for row in csv.reader(io.StringIO(write(devices).decode("utf-8-sig"), newline="")):
        assert not any(field.startswith(("=", "+", "-", "@", "\t", "\r")) for field in row)


HEAD = "device,profile,notes\r\n"


@pytest.mark.parametrize(
    "data",
    [
        (HEAD + 'a,nonin-3230,"one, ""two"""\r\n').encode(),
        (HEAD + 'a,nonin-3230,"one, ""two"""').encode("utf-8-sig"),
        b'device;profile;notes\na;nonin-3230;"one, ""two"""\n',
        b'"Device";"PROFILE";" notes "\r"a";"nonin-3230";"one, ""two"""\r\r',
    ],
    ids=["plain", "bom-no-last-newline", "semicolons", "quoted-head-old-mac"],
)
def test_every_usual_way_to_write_a_table_is_read(data: bytes) -> None:
    assert rows(data) == [Row(2, {"device": "a", "profile": "nonin-3230", "notes": 'one, "two"'})]


def test_a_bad_row_has_its_number_and_loses_none_of_the_others() -> None:
    text = HEAD + 'a,nonin-3230\nb,nonin-3230,"open\nc,nonin-3230,"x"y\nd,nonin-3230,1,2\ne,nonin-3230,good\n'
    found = rows(text.encode())
    assert [row.row for row in found if isinstance(row, Fault)] == [2, 3, 4, 5]
    assert [row.values["device"] for row in found if isinstance(row, Row)] == ["e"]
    [*_, wide, _] = found
    assert isinstance(wide, Fault)
    assert str(wide.problem) == (
        "expected 3 fields as in the head, got '4': quote fields with separators, no line breaks"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "missing: device, profile"),
        (b"profile\nx", "missing: device"),
        (b"device,profile,colour\n", "unknown: colour: take an export as the pattern"),
        (b"device,profile,device\n", "one twice"),
        ("device,profile\nä,x".encode("latin-1"), 'expected UTF-8, got byte 15: save it as "CSV UTF-8"'),
        (bytes(table.LARGEST_BYTES + 1), "at most 2000000 bytes"),
    ],
)
def test_what_is_no_table_of_devices_is_refused_whole(data: bytes, why: str) -> None:
    with pytest.raises(BadRecord, match=why):
        rows(data)


def test_too_many_rows_end_with_an_error_that_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    found = rows(HEAD.encode() + b"a,p,\nb,p,\nc,p,\nd,p,\n")
    assert [type(row) for row in found] == [Row, Row, Fault]
    assert found[2].row == 4  # type: ignore[union-attr]


@given(st.binary(max_size=80))
def test_any_bytes_are_rows_faults_or_one_refusal(data: bytes) -> None:
    try:
        found = rows(b"device,profile\n" + data)
    except BadRecord:
        return
    for row in found:
        assert isinstance(row, Fault) or row.values.keys() == {"device", "profile"}

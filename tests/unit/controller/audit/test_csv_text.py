"""The trail as CSV: read again it is the same, and no cell is a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from controller.audit.csv_text import COLUMNS, lines

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=20)


def read(why: str) -> list[str]:
    entry = {
        **{"number": 1, "utc_us": 0, "action": "bed", "actor": "anna", "entity": "bed/1", "patient": None},
        **{"outcome": "done", "where": "", "why": why, "detail": {"code": 404, "x": "y"}, "hash": "00"},
    }
    text = b"".join(lines([entry])).decode()
    head, row = csv.reader(io.StringIO(text, newline=""))
    assert head == list(COLUMNS)
    return row


@given(TEXTS)
def test_every_text_comes_back(why: str) -> None:
    row = read(why)
    assert row[COLUMNS.index("why")].removeprefix("'") == why.removeprefix("'")
    assert row[:3] == ["1", "1970-01-01T00:00:00.000000Z", "bed"]
    assert row[COLUMNS.index("detail")] == "code=404; x=y"


def test_what_a_spreadsheet_would_run_is_only_text() -> None:
    assert read('=HYPERLINK("http://evil")')[COLUMNS.index("why")].startswith("'=")
    assert read("a=b")[COLUMNS.index("why")] == "a=b"

"""The stand-alone checker agrees with a good ledger, and finds whatever is planted in a bad one."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.ledger_report import export_to
from hil import ledger_checker
from hil.ledger_checker import doubled, main, merged, minus
from tests.support.ledgers import QUARANTINED, changed, whole

Line = dict[str, Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds."""
    return whole(tmp_path_factory.mktemp("ledger") / "wardlink.sqlite")


@pytest.fixture(scope="module")
def export(good: Path) -> Path:
    """Its export."""
    file = good.with_suffix(".jsonl")
    export_to(good, file)
    return file


@pytest.fixture
def database(good: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copy(good, tmp_path / "spoilt.sqlite"))


def checked(*paths: Path) -> tuple[int, str]:
    said: list[str] = []
    code = main([str(path) for path in paths], said.append)
    return code, "\n".join(said)


def sealed(lines: list[Line], file: Path) -> Path:
    """An export of these lines, with the right last one."""
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines if line["kind"] != "end")
    end = {"kind": "end", "lines": data.count(b"\n"), "sha256": hashlib.sha256(data).hexdigest()}
    file.write_bytes(data + json.dumps(end).encode() + b"\n")
    return file


def lines_of(export: Path) -> list[Line]:
    return [json.loads(line) for line in export.read_bytes().splitlines()]


def test_a_good_database_and_its_export_hold_and_agree(good: Path, export: Path) -> None:
    code, said = checked(good, export, good)
    assert code == 0, said
    assert "lane vital: 9 produced = 8 committed + 1 quarantined + 0 shed + 0 missing" in said
    assert "lane wave: 6 produced = 3 committed + 0 quarantined + 3 shed + 0 missing" in said
    assert "everything holds, and nothing is missing" in said


def test_it_runs_alone_with_nothing_but_the_standard_library(export: Path, tmp_path: Path) -> None:
    copy = shutil.copy(ledger_checker.__file__, tmp_path / "checker.py")
    command = [sys.executable, "-I", "-S", copy, export]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    assert subprocess.run(command[:-1], cwd=tmp_path, check=False, capture_output=True).returncode == 2


ONE = "(SELECT id FROM stream WHERE lane = 1 LIMIT 1)"
WAVE = "(SELECT id FROM stream WHERE lane = 2 LIMIT 1)"


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (f"DELETE FROM ledger WHERE stream = {ONE} AND kind = 'committed'", "are missing"),
        (f"DELETE FROM ledger WHERE stream = {ONE} AND kind = 'committed'", "but were never committed"),
        (f"DELETE FROM ledger WHERE stream = {ONE} AND kind = 'quarantined'", "lie in quarantine, but"),
        (f"DELETE FROM ledger WHERE stream = {WAVE} AND kind = 'shed'", "not given up in the ledger"),
        (f"UPDATE ledger SET last = last - 1 WHERE stream = {WAVE}", "are missing"),
        (f"INSERT INTO ledger VALUES ({ONE}, 'committed', 1, 3)", "blocks 1 to 3 are in the ledger twice"),
        (f"INSERT INTO ledger VALUES ({ONE}, 'quarantined', 0, 0)", "both committed and quarantined"),
        (f"INSERT INTO ledger VALUES ({ONE}, 'quarantined', 0, 0)", "their message is not there"),
        (
            f"INSERT INTO ledger VALUES ({ONE}, 'committed', 90, 99)",
            "90 to 99 are in the ledger and were never",
        ),
        (f"INSERT INTO ledger VALUES ({ONE}, 'shed', 2, 2)", "were given up without a gap record"),
        (f"UPDATE ledger SET last = 0 WHERE stream = {WAVE} AND kind = 'shed'", "ends before it begins"),
        ("DELETE FROM gap WHERE of_stream = (SELECT min(of_stream) FROM gap)", "without a gap record"),
        ("UPDATE gap SET ranges = '[[3,4]]'", "blocks 5 were given up without a gap record"),
        ("DELETE FROM quarantine", f"blocks {QUARANTINED} are quarantined, but their message"),
        ("UPDATE stream SET produced = produced + 1", "are missing: on their way, or lost"),
        ("UPDATE stream SET produced = produced - 1", "were never produced"),
        ("UPDATE observation SET number = 99 WHERE id = 1", "blocks 99 have records, but were never"),
        ("UPDATE observation SET place = 0 WHERE number = 1", "records are there twice"),
        (
            "UPDATE observation SET stream = 99 WHERE id = 1",
            "1 records of the table observation belong to no",
        ),
    ],
)
def test_what_is_planted_in_a_database_is_found(database: Path, planted: str, told: str) -> None:
    changed(database, planted)
    code, said = checked(database)
    assert code == 1
    assert told in said


def changes(lines: list[Line]) -> dict[str, Callable[[int], None]]:
    """What can go wrong with a line, by name; each takes the line's place."""

    def count(place: int) -> None:
        name = {"stream": "produced", "block": "records"}.get(lines[place]["kind"], "first")
        lines[place][name] += 1

    return {
        "drop": lines.__delitem__,
        "double": lambda place: lines.insert(place, lines[place]),
        "count": count,
    }


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_line_of_an_export_is_dropped_doubled_or_changed_is_found(
    export: Path, data: st.DataObject
) -> None:
    lines = lines_of(export)
    kind = data.draw(st.sampled_from(["range", "gap", "block", "stream", "quarantined"]))
    place = data.draw(st.sampled_from([i for i, line in enumerate(lines) if line["kind"] == kind]))
    what = data.draw(st.sampled_from(["drop", "double", "count"]))
    if (kind, what) in {("stream", "double"), ("gap", "double"), ("quarantined", "double")}:
        return  # the same said again: nothing of it is about a block twice
    if (kind, what) == ("quarantined", "count"):
        lines[place]["number"] += 1
    else:
        changes(lines)[what](place)
    spoilt = sealed(lines, export.with_name("spoilt.jsonl"))
    code, said = checked(export, spoilt)
    # Lines without their stream's line before them belong to none: that cannot be read at all.
    assert code in ((1, 2) if (kind, what) == ("stream", "drop") else (1,)), said
    # What is gone with every trace of it only the file before can tell.
    assert checked(spoilt)[0] or (kind, what) in {("block", "drop"), ("stream", "drop")}


@settings(max_examples=60)
@given(data=st.data())
def test_an_export_that_is_cut_or_has_any_byte_changed_is_not_taken(
    export: Path, data: st.DataObject
) -> None:
    content = bytearray(export.read_bytes())
    place = data.draw(st.integers(0, len(content) - 2))
    spoilt = export.with_name("damaged.jsonl")
    spoilt.write_bytes(content[:place])
    assert checked(spoilt)[0] == 2
    content[place] ^= data.draw(st.integers(1, 255))
    spoilt.write_bytes(content)
    assert checked(spoilt)[0] == 2 or json.loads(content.splitlines()[-1]) == lines_of(export)[-1]


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("UPDATE observation SET value = value + 1 WHERE id = 1", "the records of blocks 0 are not those of"),
        ("UPDATE observation SET mono_us = mono_us + 1 WHERE id = 1", "the records of blocks 0 are not"),
        ("UPDATE alert SET active = 0", "the records of blocks 1 are not those of"),
        ("DELETE FROM device_event WHERE number = 2", "the records of blocks 2 are not those of"),
        ("UPDATE ledger SET last = last - 1 WHERE kind = 'committed' AND first = 0", "were committed in"),
    ],
)
def test_a_later_file_that_has_not_kept_what_was_exported_is_found(
    export: Path, database: Path, planted: str, told: str
) -> None:
    changed(database, planted)
    code, said = checked(export, database)
    assert code == 1
    assert told in said


def test_what_is_known_better_later_is_no_change(export: Path, database: Path) -> None:
    changed(database, "UPDATE observation SET at_us = at_us + 5, utc_us = 7")
    assert checked(export, database)[0] == 0


def test_records_whose_dropping_is_on_record_may_go_and_others_may_not(export: Path, database: Path) -> None:
    columns = "what, series, stream, day, first, last, from_us, to_us, records, why, dropped_ms"
    series = f"(SELECT series FROM observation WHERE stream = {ONE} LIMIT 1)"
    values = f"'observation', {series}, {ONE}, 1, 0, 0, 0, 0, 2, 'older than 1 days', 0"
    gone = f"DELETE FROM observation WHERE stream = {ONE} AND number = 0"
    changed(database, gone)
    assert checked(export, database)[0] == 1
    changed(database, f"INSERT INTO dropped ({columns}) VALUES ({values})")
    assert checked(export, database)[0] == 0


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"not json", b"SQLite format 3\0 but no database", b"[1]\n"]
)
def test_a_file_of_another_kind_is_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    code, said = checked(file)
    assert code == 2
    assert "cannot be checked: " in said


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda one: (one[0], sum(one))))


def numbers(spans: list[tuple[int, int]]) -> list[int]:
    return [number for first, last in spans for number in range(first, last + 1)]


@given(SPANS, SPANS)
def test_spans_are_sets_of_numbers(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert numbers(merged(one)) == sorted(set(numbers(one)))
    assert numbers(minus(one, other)) == sorted(set(numbers(one)) - set(numbers(other)))
    held = numbers(one)
    assert numbers(doubled(one)) == sorted({number for number in held if held.count(number) > 1})

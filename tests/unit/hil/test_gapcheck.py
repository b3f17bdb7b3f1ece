"""The check of what may be given up, against a store that is made up."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from controller.store import Store
from hil.gapcheck import ledger_problems, settled, shedding_was_told

BOOT, WAVE = b"B" * 16, bytes(20)
_COMMON = "stream, number, place, boot, mono_us, at_us"


class Made:
    """A store and what a device wrote down."""

    def __init__(self, folder: Path) -> None:
        self.database, self.emitted = folder / "wardlink.sqlite", folder / "emitted"
        self.emitted.mkdir()
        asyncio.run(self._create())
        self.db = sqlite3.connect(self.database, isolation_level=None)
        columns = "(id, boot, gateway, offset_us, measured_us, first_observation, first_waveform)"
        self.db.execute(f"INSERT INTO boot {columns} VALUES (1, ?, 'gw', 0, 0, 0, 0)", (BOOT,))
        self.db.execute("INSERT INTO series VALUES (1, 'ox', NULL, 'spo2'), (2, 'ox', NULL, 'pleth')")
        for lane in range(3):
            self.db.execute("INSERT INTO stream VALUES (?, ?, ?, 'gw', 2, 0)", (lane, b"j" * 8, lane))
            self.db.execute("INSERT INTO ledger VALUES (?, 'committed', 0, 1)", (lane,))

    async def _create(self) -> None:
        await (await Store.open(self.database)).close()

    def says(self, kind: str, at_us: int, value: float) -> None:
        with (self.emitted / "ox.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, "at": at_us * 1000 + 7, "value": value}) + "\n")

    def reading(self, at_us: int, value: float, place: int = 0) -> None:
        row = (
            f"INSERT INTO observation ({_COMMON}, series, value, quality) VALUES (1, ?, ?, 1, ?, 0, 1, ?, 0)"
        )
        self.db.execute(row, (at_us, place, at_us, value))

    def wave(self, at_us: int, samples: bytes) -> None:
        columns = f'{_COMMON}, series, rate_mhz, scale, "offset", samples, quality'
        row = f"INSERT INTO waveform ({columns}) VALUES (2, 0, 0, 1, ?, 0, 2, 75000, 1, 0, ?, 0)"
        self.db.execute(row, (at_us, samples))

    def alert(self, code: str, at_us: int, active: int) -> None:
        columns = f"{_COMMON}, gateway, device, code, priority, active, detail"
        row = f"INSERT INTO alert ({columns}) VALUES (0, 0, 0, 1, ?, 0, 'gw', 'ox', ?, 3, ?, '{{}}')"
        self.db.execute(row, (at_us, code, active))

    def gap(self, lane: int, from_us: int, to_us: int) -> None:
        row = "INSERT INTO gap VALUES (NULL, 0, 1, 0, 'gw', ?, '[[1, 1]]', ?, ?, ?, 'quota')"
        self.db.execute(row, (lane, BOOT, from_us, to_us))

    def problems(self) -> list[str]:
        return settled(self.emitted, self.database, BOOT, 0, 10**12).problems


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path)
    yield made
    made.db.close()


def test_what_was_sent_and_is_stored_is_settled(made: Made) -> None:
    made.says("reading", 100, 97.5)
    made.says("wave", 101, crc32(WAVE))
    made.says("alert", 102, 1)
    assert len(made.problems()) == 3
    made.reading(100, 97.5)
    made.wave(101, WAVE)
    made.alert("device-lost", 102, 1)
    assert made.problems() == []


def test_a_gap_of_its_lane_covers_what_is_missing_in_its_time(made: Made) -> None:
    made.says("wave", 100, 1)
    made.says("wave", 201, 1)
    made.gap(lane=2, from_us=50, to_us=200)
    found = settled(made.emitted, made.database, BOOT, 0, 10**12)
    assert found.given_up == {("wave", "quota"): 1}
    assert found.problems == ["1 of kind wave are neither stored nor in a gap"]


def test_a_gap_of_another_lane_covers_nothing(made: Made) -> None:
    made.says("reading", 100, 97)
    made.gap(lane=2, from_us=50, to_us=200)
    assert made.problems() == ["1 of kind reading are neither stored nor in a gap"]


def test_an_alert_may_not_be_given_up(made: Made) -> None:
    made.says("alert", 100, 1)
    made.gap(lane=0, from_us=50, to_us=200)
    assert made.problems() == ["1 of kind alert are neither stored nor in a gap"]


def test_what_is_stored_twice_or_differently_is_told(made: Made) -> None:
    made.says("reading", 100, 97)
    made.reading(100, 97)
    made.reading(100, 97, place=1)
    assert made.problems() == ["1 of kind reading are stored that nobody sent, or twice"]


def test_only_what_was_sent_in_the_time_asked_for_counts(made: Made) -> None:
    made.says("reading", 100, 97)
    assert settled(made.emitted, made.database, BOOT, 101_000, 10**12).problems == []
    assert settled(made.emitted, made.database, BOOT, 0, 100_000).problems == []


def test_a_hole_in_the_ledger_is_told_unless_a_gap_fills_it(made: Made) -> None:
    made.db.execute("UPDATE stream SET produced = 4 WHERE lane = 2")
    assert ledger_problems(made.database) == [f"journal {(b'j' * 8).hex()} lane 2: blocks [2, 3] are nowhere"]
    made.db.execute("INSERT INTO ledger VALUES (2, 'shed', 2, 3)")
    assert ledger_problems(made.database) == []


def test_a_record_that_is_there_twice_is_told(made: Made) -> None:
    made.reading(100, 97)
    made.reading(100, 97)
    assert ledger_problems(made.database) == ["1 records of observation are there twice"]


def test_shedding_has_its_alert(made: Made) -> None:
    made.alert("journal-shedding", 100, 0)
    assert not shedding_was_told(made.database)
    made.alert("journal-shedding", 101, 1)
    assert shedding_was_told(made.database)

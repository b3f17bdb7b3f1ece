"""The judges of poison see each fate, and see when others felt something."""

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from controller.store import Store
from hil.faults.kill import Killer
from hil.faults.poison import Fate, Poison
from hil.faults.poisoned import Bystanders, Fates
from hil.faults.rogue import ROGUE, Rogue
from hil.ward import GATEWAY

TOPIC = f"wl/1/{ROGUE}/up/vital"
QUARANTINE = """INSERT INTO quarantine (digest, gateway, topic, reason, detail, payload, size, stream, number,
first_ms, last_ms, times) VALUES (?, ?, ?, 'malformed', '', ?, ?, ?, ?, 0, 0, 1)"""


class Bench:
    """A store that tests write into by hand, and who looks at it."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "wardlink.sqlite"
        self.broker_log = folder / "nats.log"
        self.broker_log.write_text("", encoding="utf-8")
        self.rogue = Rogue(0, "")
        self.fates = Fates(self.database, self.broker_log, self.rogue)
        self.logs = {name: folder / f"{name}.log" for name in ("gateway", "controller")}
        for log in self.logs.values():
            log.write_text("alert: connected to mqtt://…\n", encoding="utf-8")

    def write(self, query: str, *parameters: object) -> None:
        with sqlite3.connect(self.database) as db:
            db.execute(query, parameters)

    def stream(self, stream: int, gateway: str, journal: bytes, produced: int) -> None:
        self.write("INSERT INTO stream VALUES (?, ?, 1, ?, ?, 0)", stream, journal, gateway, produced)

    def observation(self, stream: int, number: int, at_us: int = 0) -> None:
        columns = "stream, number, place, boot, mono_us, at_us, series, quality"
        self.write(
            f"INSERT INTO observation ({columns}) VALUES (?, ?, 0, 1, 0, ?, 1, 0)", stream, number, at_us
        )

    def bystanders(self) -> Bystanders:
        kept = {name: SimpleNamespace(pid=None, log=log) for name, log in self.logs.items()}
        return Bystanders(Killer(cast(Any, SimpleNamespace(**kept)), []), self.database)


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    await (await Store.open(bench.database)).close()
    bench.write("INSERT INTO series VALUES (1, 'ox-1', NULL, 'spo2')")
    bench.stream(1, ROGUE, bench.rogue.journal, 1)
    bench.stream(2, GATEWAY, b"victim's", 1)
    bench.observation(2, 0)
    return bench


def test_a_quarantined_block_counts_under_its_number_only(bench: Bench) -> None:
    poison = Poison(TOPIC, b"poison", Fate.QUARANTINED, 0)
    bench.write(QUARANTINE, b"1", ROGUE, TOPIC, b"poison", 6, None, None)
    assert bench.fates.times(poison) == 0
    bench.write(QUARANTINE, b"2", ROGUE, TOPIC, b"poison", 6, 1, 0)
    assert bench.fates.times(poison) == 1


def test_a_refused_message_counts_each_time_that_it_came(bench: Bench) -> None:
    poison = Poison(TOPIC, b"x" * 300_000, Fate.REFUSED)
    assert bench.fates.times(poison) == 0
    bench.write(QUARANTINE, b"1", ROGUE, TOPIC, b"x" * 4096, 300_000, None, None)
    bench.write("UPDATE quarantine SET times = 3")
    assert bench.fates.times(poison) == 3


def test_a_damaged_an_unknown_and_a_good_block_count_where_they_are_kept(bench: Bench) -> None:
    damaged, unknown, good = (
        Poison(TOPIC, b"", fate, 0) for fate in (Fate.DAMAGED, Fate.UNKNOWN, Fate.COMMITTED)
    )
    assert [bench.fates.times(one) for one in (damaged, unknown, good)] == [0, 0, 0]
    bench.write("INSERT INTO counter VALUES (?, 'damaged', 2)", ROGUE)
    columns = "stream, number, place, boot, mono_us, at_us, gateway, raw"
    bench.write(f"INSERT INTO unknown_record ({columns}) VALUES (1, 0, 0, 1, 0, 0, ?, x'00')", ROGUE)
    bench.observation(1, 0)
    assert [bench.fates.times(one) for one in (damaged, unknown, good)] == [2, 1, 1]


def test_what_the_broker_denied_stands_in_its_log(bench: Bench) -> None:
    poison = Poison("wl/1/other/up/vital", b"", Fate.DENIED)
    bench.broker_log.write_text('[ERR] Publish Violation - Subject "x"\n', encoding="utf-8")
    assert bench.fates.times(poison) == 1


@pytest.mark.parametrize(("spans", "clean"), [([(0, 0)], True), ([], False)])
def test_the_poisoners_own_good_blocks_are_owed_too(
    bench: Bench, spans: list[tuple[int, int]], clean: bool
) -> None:
    bench.rogue.take_number()
    for first, last in spans:
        bench.write("INSERT INTO ledger VALUES (1, 'committed', ?, ?)", first, last)
    assert (bench.fates.own_problems() == []) is clean


def test_a_journal_that_the_poisoner_made_up_must_not_be_in_the_ledger(bench: Bench) -> None:
    bench.rogue.take_number()
    bench.write("INSERT INTO ledger VALUES (1, 'committed', 0, 0)")
    bench.stream(3, ROGUE, b"another.", 0)
    assert any(
        "journal" in problem and "is in the ledger" in problem for problem in bench.fates.own_problems()
    )


def test_bystanders_that_felt_nothing_have_no_problem(bench: Bench) -> None:
    assert bench.bystanders().problems() == []


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("gateway", "vital: connected to mqtt://…\n", "connected 1 times again"),
        ("controller", "intake failed; it is started again\n", "intake failed"),
    ],
)
def test_bystanders_see_what_the_logs_say(bench: Bench, name: str, line: str, told: str) -> None:
    bystanders = bench.bystanders()
    with bench.logs[name].open("a", encoding="utf-8") as log:
        log.write(line)
    assert told in json.dumps(bystanders.problems())


def test_bystanders_see_another_ones_quarantine_and_moved_times(bench: Bench) -> None:
    bystanders = bench.bystanders()
    bench.write(QUARANTINE, b"1", GATEWAY, TOPIC, b"", 0, None, None)
    bench.observation(2, 0, at_us=3_600_000_000)
    said = " ".join(bystanders.problems())
    assert f"others than {ROGUE} have 1 malformed" in said
    assert f"the times of what {GATEWAY} measured moved by 3600.0 s" in said

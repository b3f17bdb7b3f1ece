"""Alarms of a ledger, as they come in: which stimulus raised which."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hil.errors import NotReady
from hil.rig.ledger import Ledger
from tests.rig.alarms import Alarms

_MADE = "CREATE TABLE alert (id INTEGER PRIMARY KEY, device TEXT, code TEXT, active INTEGER)"


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Callable[[int], None]]:
    """Write that the alert is raised, or over."""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", check_same_thread=False)) as db:
        db.execute(_MADE)
        for table in ("observation", "device_event"):
            db.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")

        def told(active: int) -> None:
            db.execute("INSERT INTO alert VALUES (NULL, 'node-1', 'temp-high', ?)", (active,))
            db.commit()

        yield told


def test_each_stimulus_has_its_alarm_with_its_delay(tell: Callable[[int], None], tmp_path: Path) -> None:
    tell(1)
    tell(0)
    with Alarms(Ledger(tmp_path / "ledger.sqlite"), "temp-high") as alarms:
        for _ in range(2):
            at = time.monotonic()
            threading.Timer(0.1, tell, (1,)).start()
            alarms.stimulus(at)
            tell(0)
            alarms.until_over()
    found = alarms.paired()
    assert (len(found.delays), found.missed, found.spurious) == (2, (), ())
    assert min(found.delays) >= 0.1


def test_an_alarm_that_nothing_raised_is_found(tell: Callable[[int], None], tmp_path: Path) -> None:
    with Alarms(Ledger(tmp_path / "ledger.sqlite"), "temp-high") as alarms:
        threading.Timer(0.05, tell, (1,)).start()
        alarms.stimulus(time.monotonic())
        tell(0)
        tell(1)
        while len(alarms.came) < 2:
            time.sleep(0.01)
    assert len(alarms.paired().spurious) == 1


def test_a_stimulus_without_an_alarm_is_missed(tell: Callable[[int], None], tmp_path: Path) -> None:
    tell(0)
    with Alarms(Ledger(tmp_path / "ledger.sqlite"), "temp-high") as alarms, pytest.raises(NotReady):
        alarms.stimulus(time.monotonic(), within_s=0.1)
    assert len(alarms.paired().missed) == 1

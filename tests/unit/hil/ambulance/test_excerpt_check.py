"""The excerpt's check finds what it is there for: tried on a story that went well, and is then spoilt."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.store import Store
from hil.ambulance.excerpt_check import (
    ALARM,
    OXIMETER,
    VEHICLE,
    Seen,
    alarms_stored,
    believed,
    newest_ns,
    problems,
)
from hil.sims.emitted import boot_id
from hil.ward import SERIAL_OXIMETER, Folder, WardDevice

S = 1_000_000
"""Microseconds, as the database has them; the scale's time is that of the boot."""
SPO2 = {10: 97, 20: 75, 31: 75, 40: 96, 70: 96}
"""By the second when it was measured: before the alarms, for long enough, after them, and at the ward."""
_OBSERVED = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
VALUES (1, 0, ?, 1, ?, ?, ?, ?, 0)"""
_RAISED = """INSERT INTO alert
(stream, number, place, boot, mono_us, at_us, gateway, device, bed, code, priority, active, detail)
VALUES (1, 0, 90, 1, :us, :us, 'amb-1', 'ox-a', 'amb-1', :code, 3, 1, json_object('alarm', :number))"""
_MARKED = """INSERT INTO device_event
(id, stream, number, place, boot, mono_us, at_us, gateway, device, bed, kind, detail)
VALUES (?, 1, 0, ?, 1, 12000000, 12000000, 'amb-1', NULL, NULL, 'mark', '{"event": "01", "text": "city"}')"""


@pytest.fixture
async def folder(tmp_path: Path) -> Folder:
    """One patient from 5 s to 35 s, the next from 38 s to 60 s, then the oximeter at bed-2."""
    folder = Folder(tmp_path)
    folder.controller.mkdir()
    store = await Store.open(folder.controller / "wardlink.sqlite")
    await store.close()
    with closing(sqlite3.connect(store.path)) as db:
        _happened(db)
        db.commit()
    folder.emitted(OXIMETER).parent.mkdir()
    lines = (json.dumps({"n": 0, "metric": "spo2", "value": v, "at": at * 10**9}) for at, v in SPO2.items())
    folder.emitted(OXIMETER).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _happened(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO gateway (id, name, added_ms) VALUES ('ward-a', '', 0), ('amb-1', '', 0)")
    db.execute("INSERT INTO ward VALUES ('w', '')")
    db.execute("INSERT INTO bed VALUES ('amb-1', 'w', ''), ('bed-2', 'w', '')")
    db.execute("INSERT INTO device VALUES ('ox-a', 'ward-a', NULL, '[]', 0)")
    db.execute("INSERT INTO assignment VALUES (1, 'ox-a', 'amb-1', 0, 60000, NULL)")
    db.execute("INSERT INTO assignment VALUES (2, 'ox-a', 'bed-2', 60000, NULL, NULL)")
    stay = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES (?, ?, '', ?, ?, '')"
    stays = ("amb-1", "ONE", 5000, 35000), ("amb-1", "TWO", 38000, None), ("bed-2", "DEMO-0002", 0, None)
    db.executemany(stay, stays)
    boot = "boot, gateway, offset_us, measured_us, first_observation, first_waveform"
    db.execute(f"INSERT INTO boot (id, {boot}) VALUES (1, ?, 'amb-1', 0, 0, 0, 0)", (boot_id(),))
    db.execute("INSERT INTO stream VALUES (1, ?, 1, 'amb-1', 1, 0)", (bytes(8),))
    db.execute("INSERT INTO ledger VALUES (1, 'committed', 0, 0)")
    db.execute("INSERT INTO series VALUES (1, 'ox-a', 'amb-1', 'spo2'), (2, 'ox-a', 'bed-2', 'spo2')")
    for n, (at, value) in enumerate(SPO2.items()):
        db.execute(_OBSERVED, (n, at * S, at * S, 1 if at < 60 else 2, value))
    db.execute(_RAISED, {"us": 26.5 * S, "code": ALARM, "number": 7})
    db.execute(_RAISED.replace("90", "91"), {"us": 30.25 * S, "code": "spo2-low", "number": 8})
    db.execute(_MARKED, (1, 92))
    taken = "event, gateway, kind, number, vehicle, box_stay, at_ms, stay"
    db.execute(f"INSERT INTO crew_event ({taken}) VALUES (1, 'amb-1', 'mark', '01', 'amb-1', 's', 12000, 1)")


@pytest.fixture
def seen() -> Seen:
    """What the story saw."""
    ns = 10**9
    return Seen(
        began_ns=1,
        spans=[(5 * ns, 35 * ns, "ONE"), (35 * ns, 38 * ns, None), (38 * ns, 60 * ns, "TWO")],
        marks=[("city", "ONE")],
        tunnel=(15 * ns, 30 * ns),
        unplugged_ns=60 * ns,
        plugged_ns=65 * ns,
        shown={"7": 27 * ns, "8": 31 * ns},
        devices=(WardDevice(OXIMETER, SERIAL_OXIMETER, VEHICLE, 1),),
    )


def told(folder: Folder, seen: Seen) -> str:
    """What the check says."""
    return "\n".join(problems(folder, seen, 1.5, 3.0)[0])


def test_a_story_that_went_well_has_no_problem_and_its_figures(folder: Folder, seen: Seen) -> None:
    found, figures = problems(folder, seen, 1.5, 3.0)
    assert found == []
    assert figures[ALARM] == "raised 0.50 s, shown 1.00 s after it was due"
    assert figures["spo2-low"] == "raised 0.25 s, shown 1.00 s after it was due"
    assert figures["under the right patient"] == "5 of observation, 2 of alert"


def test_it_knows_what_the_controller_believes_and_has(folder: Folder) -> None:
    database = folder.controller / "wardlink.sqlite"
    assert believed(database, OXIMETER) == ("ward-a", "bed-2")
    assert newest_ns(database, OXIMETER) == 70 * 10**9
    assert newest_ns(database, "ox-9") == 0
    raised = alarms_stored(database)
    assert raised == {(OXIMETER, ALARM): {"7": 26_500_000_000}, (OXIMETER, "spo2-low"): {"8": 30_250_000_000}}


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        ("UPDATE stay SET to_ms = 8000 WHERE identifier = 'ONE'", "under None, not amb-1, ONE"),
        ("UPDATE stay SET from_ms = 15000 WHERE identifier = 'TWO'", "under ONE|TWO, not amb-1, ONE"),
        ("UPDATE observation SET series = 1 WHERE series = 2", "not bed-2, DEMO-0002"),
        ("UPDATE observation SET series = 2 WHERE place = 0", "stored at bed-2 under DEMO-0002"),
        ("UPDATE alert SET bed = 'bed-2'", f"{OXIMETER}, {ALARM} at 26.50 s: stored at bed-2"),
        ("DELETE FROM observation WHERE place = 1", "spo2: 1 lost"),
        ("UPDATE observation SET value = 12 WHERE place = 1", "never sent, or twice"),
        ("UPDATE stream SET produced = 2", "ledger: "),
        ("DELETE FROM device_event", "'city' was marked once for ONE"),
        ("UPDATE crew_event SET stay = 2", "'city' was marked once for ONE"),
        ('UPDATE device_event SET detail = \'{"event": "02", "text": "x"}\'', "nobody marked 'x'"),
        ("DELETE FROM alert", f"{ALARM}: it is not in the database"),
        ("DELETE FROM alert WHERE code = 'spo2-low'", "spo2-low: it is not in the database"),
        (
            "UPDATE alert SET mono_us = 29000000 WHERE place = 90",
            "raised 3.00 s, shown 1.00 s after it was due",
        ),
        (
            "UPDATE alert SET device = 'monitor-a' WHERE place = 91",
            "monitor-a, spo2-low: it was raised without",
        ),
    ],
)
def test_whatever_is_wrong_is_found(folder: Folder, seen: Seen, spoilt: str, what: str) -> None:
    with closing(sqlite3.connect(folder.controller / "wardlink.sqlite")) as db:
        db.execute(spoilt)
        db.commit()
    assert what in told(folder, seen)


def test_an_alarm_under_two_numbers_was_repeated(folder: Folder, seen: Seen) -> None:
    with closing(sqlite3.connect(folder.controller / "wardlink.sqlite")) as db:
        db.execute(_RAISED.replace("90", "93"), {"us": 30 * S, "code": ALARM, "number": 9})
        db.commit()
    assert "has the numbers 7, 9" in told(folder, seen)


def test_an_alarm_that_was_shown_after_the_tunnel_only_was_not_raised_locally(
    folder: Folder, seen: Seen
) -> None:
    seen.shown["7"] = 31 * 10**9
    assert "not shown to the crew in the tunnel" in told(folder, seen)
    assert "shown 5.00 s after it was due, 1.5 and 3 s are allowed" in told(folder, seen)


def test_without_a_cause_there_is_nothing_to_judge_the_alarm_by(folder: Folder, seen: Seen) -> None:
    folder.emitted(OXIMETER).write_text("", encoding="utf-8")
    assert "no cause came about" in told(folder, seen)


def test_what_was_measured_while_the_crew_was_just_telling_is_nobodys_in_particular(
    folder: Folder, seen: Seen
) -> None:
    seen.spans = seen.spans[1:]
    with closing(sqlite3.connect(folder.controller / "wardlink.sqlite")) as db:
        db.execute("UPDATE stay SET to_ms = 8000 WHERE identifier = 'ONE'")
        db.commit()
    assert told(folder, seen) == ""

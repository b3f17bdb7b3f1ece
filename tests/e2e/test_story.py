"""The story of a medicine, played in a real demo: stopped, played again, the controller killed on the way."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hil.board import Board
from hil.demo_home import CUFF, OUT_PATIENT
from hil.demo_story_ward import PATIENT
from tests.support.demo import ROOT, Demo, Told

DRIVE_S, STORY_S = 240.0, 480.0
KINDS = ("MedicationRequest", "SupplyDelivery", "MedicationAdministration")
GIVEN = """SELECT rx_given.* FROM rx_given JOIN prescription ON prescription.id = prescription
WHERE prescription.number = ?"""
CUSTODY = """SELECT rx_custody.* FROM rx_custody JOIN rx_delivery ON rx_delivery.id = delivery
WHERE number = ? ORDER BY place"""
HOLDS = "SELECT * FROM prescription WHERE subject = ? AND state IN ('draft', 'active', 'on-hold')"
ON_THE_WAY = "SELECT * FROM rx_delivery WHERE state = 'in-progress'"
RIDES = "SELECT stage FROM rx_ride ORDER BY transport"
MEASURED = """SELECT first.value AS sys, second.value AS dia FROM observation AS first
JOIN series ON series.id = first.series AND series.metric = 'nibp_sys' AND series.device = ?
JOIN series AS other ON other.device = series.device AND other.metric = 'nibp_dia'
JOIN observation AS second ON second.series = other.id AND second.at_us = first.at_us"""
HELD = """SELECT visit.state, visit_summary_signed.by AS signed_by, visit_consent.said FROM visit
JOIN visit_summary_signed ON visit_summary_signed.visit = visit.id
JOIN visit_consent ON visit_consent.visit = visit.id WHERE visit.number = ?"""
PRESCRIBED = """SELECT prescription.number FROM visit_prescribed JOIN visit ON visit.id = visit
JOIN prescription ON prescription.id = prescription WHERE visit.number = ?"""
pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(1200)]


@dataclass
class Played:
    """What is left when all is over, and the demo with it."""

    data: Path
    demo: list[str]
    stopped: list[str]
    story: list[str]
    fhir: dict[str, dict[str, list[dict[str, Any]]]]
    """Resources by patient and kind."""

    def numbers(self, pattern: str) -> list[str]:
        """Those in the story's lines that match."""
        return re.findall(pattern, "\n".join(self.story))

    def rows(self, query: str, *values: str) -> list[dict[str, Any]]:
        with sqlite3.connect(f"file:{self.data / 'controller' / 'wardlink.sqlite'}?mode=ro", uri=True) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(query, values)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    data = tmp_path_factory.mktemp("story") / "data"
    demo = Demo(data, "--port", "0")
    try:
        demo.says("first value after")
        stopped = Told(data, "--story")
        stopped.says("pia sends it by robot")
        stopped.process.send_signal(signal.SIGINT)
        assert stopped.ends() == 130, stopped.output
        story = Told(data, "--story")
        story.says("robot-. drives to ward-a", seconds=DRIVE_S)
        os.kill(demo.pid("controller"), signal.SIGKILL)
        assert story.ends(STORY_S) == 0, f"{story.output}\n{demo.output}"
        fhir = {name: asyncio.run(resources(demo, name)) for name in (PATIENT, OUT_PATIENT)}
    finally:
        demo.process.send_signal(signal.SIGINT)
        ended = demo.ends()
    assert ended == 0, demo.output
    yield Played(data, demo.lines, stopped.lines, story.lines, fhir)


async def resources(demo: Demo, patient: str) -> dict[str, list[dict[str, Any]]]:
    """As the nurse gets them by FHIR R4."""
    address = json.loads((demo.data / "controller" / "run" / "addresses.json").read_text(encoding="utf-8"))
    password = demo.says("User and password:").split()[-1]
    async with Board(address["http"], "nurse", password) as board:
        bundles = [await board.get(f"/api/fhir/{kind}?patient={patient}") for kind in KINDS]
    return {
        kind: [one["resource"] for one in found.get("entry", ())]
        for kind, found in zip(KINDS, bundles, strict=True)
    }


def test_the_story_ends_with_the_medicine_given_though_the_controller_was_killed_while_the_robot_drove(
    played: Played,
) -> None:
    assert any(re.search(r"controller ended \(killed by signal 9\)", line) for line in played.demo)
    [rx, _, _] = played.numbers(r"anna prescribes .*: (RX\d+)")
    found = played.fhir[PATIENT]
    [request] = [one for one in found["MedicationRequest"] if one["identifier"][0]["value"] == rx]
    [given] = found["MedicationAdministration"]
    assert (request["status"], given["status"]) == ("completed", "completed")
    [row] = played.rows(GIVEN, rx)
    assert (row["state"], row["by"], row["witness"], row["batch"]) == ("completed", "nina", "noah", "DEMO1")


def test_who_had_what_was_carried_is_known_without_a_gap_by_robot_and_by_courier(played: Played) -> None:
    ward, home = played.numbers(r"(SD\d+)(?:, from pharmacy| is received)")
    for patient, number, hands in (
        (PATIENT, ward, [("pia", "login"), ("robot:robot-", "pin"), ("nina", "pin")]),
        (OUT_PATIENT, home, [("pia", "login"), ("courier Carl", "login"), ("patient", "code")]),
    ):
        [delivery] = [
            one for one in played.fhir[patient]["SupplyDelivery"] if one["identifier"][0]["value"] == number
        ]
        assert delivery["status"] == "completed"
        chain = played.rows(CUSTODY, number)
        assert [one["place"] for one in chain] == [1, 2, 3]
        for one, (holder, verified) in zip(chain, hands, strict=True):
            assert one["holder"].startswith(holder)
            assert one["verified"] == verified


def test_what_was_signed_in_the_story_is_verified_where_there_is_no_controller(played: Played) -> None:
    files = sorted((played.data / "story").glob("*.json"))
    assert [one.stem for one in files] == played.numbers(r"(RX\d+) is checked without the controller")
    root = played.data / "controller" / "ca" / "root.pem"
    command = [sys.executable, "-m", "wardlink", "rx", "verify"]
    for file in files:
        done = subprocess.run(
            [*command, str(file), "--root", str(root)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "signed by anna (physician)" in done.stdout


def test_what_the_cuff_measured_at_home_is_in_the_room_and_on_the_patients_page(played: Played) -> None:
    [pressure] = played.numbers(r"button of his cuff: (\d+/\d+) mmHg, \d+ ms old")
    assert pressure in [f"{one['sys']:.0f}/{one['dia']:.0f}" for one in played.rows(MEASURED, CUFF)]
    [visit] = played.numbers(r"whom anna will see: (TV\d+)")
    [row] = played.rows(HELD, visit)
    assert (row["state"], row["signed_by"], row["said"]) == ("fulfilled", "anna", "permit")
    [_, _, rx] = played.numbers(r"anna prescribes .*: (RX\d+)")
    assert played.numbers(r"reads on his page: the summary, signed by anna; (RX\d+); the reading") == [rx]
    [prescribed] = played.rows(PRESCRIBED, visit)
    assert prescribed["number"] == rx


def test_a_story_that_was_stopped_leaves_nothing_behind_in_the_next_one(played: Played) -> None:
    [before] = re.findall(r"anna prescribes .*: (RX\d+)", "\n".join(played.stopped))
    assert played.numbers(r"it replaces (RX\d+) of an earlier story") == [before]
    assert played.rows(HOLDS, PATIENT) == []
    assert played.rows(ON_THE_WAY) == []
    assert [one["stage"] for one in played.rows(RIDES)] in (["over", "received"], ["over", "over"])

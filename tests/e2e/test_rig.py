"""The emulated rig end to end, in its own venv: QEMU's micro:bit, cable, gateway, bad network, controller."""

import os
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from typer.testing import CliRunner

from hil import cli
from hil.evidence.bench_key import BenchKey
from hil.evidence.bundle import opened
from hil.evidence.compare import Change, compared
from hil.evidence.figures import BlandAltman
from hil.evidence.run import Result, Verdict
from hil.evidence.stored import Record, read
from hil.rig.kinds import KINDS

ROOT = Path(__file__).parents[2]
RIGS = ROOT / "hil/rig/rigs"
PYTHON = ROOT / ".venv-rig/bin/python"
_BENCH, _LEFT_OUT = "needs the bench: ", "left out on the command line"
_KINDS = 11
"""Of the kinds of fault, drawn by the seed: all of them take half a minute more (`./run rig`)."""
_SOME = 4
"""The same on the simulated rig."""
emulation = pytest.mark.long
"""Every day a simulated node stands for the emulated one, for a tenth of the work."""
pytestmark = [
    pytest.mark.xdist_group("rig"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="the bad network needs root"),
]


@dataclass(frozen=True)
class Ran:
    """A run of the rig."""

    status: int
    said: str
    junit: ET.Element
    bundle: Path
    files: Mapping[str, bytes]
    record: Record


def run_rig(folder: Path, keys: Path, *options: str) -> Ran:
    """What `./run rig` does, its evidence in `folder`."""
    assert PYTHON.exists(), "the rig's venv is not there: ./run rig --collect-only makes it"
    places = ["--evidence", str(folder), "--bench-key", str(keys), f"--junitxml={folder}/junit.xml"]
    argv = [str(PYTHON), "-m", "pytest", "tests/rig", "-o", "junit_family=xunit1", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("LG_ENV", None)
    done = subprocess.run(
        [*argv, *places, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    bundles = list(folder.glob("*/*.zip"))
    assert len(bundles) == 1, said
    junit = ET.parse(folder / "junit.xml").getroot()
    files = opened(bundles[0].read_bytes(), {BenchKey.of(keys).fingerprint})
    return Ran(done.returncode, said, junit, bundles[0], files, read(files))


@dataclass(frozen=True)
class Runs:
    """Those that are under way, and the folder of the key that signs them."""

    faults: Future[Ran]
    bench: Future[Ran]
    usual: Future[Ran]
    slower: Future[Ran]
    keys: Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    BenchKey.of(folder)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[Runs]:
    """All but the emulated one, one after the other, while tests wait for the first."""
    folder = tmp_path_factory.mktemp("rigs")
    slow = folder / "slow.yaml"
    rig = (RIGS / "simulated.yaml").read_text(encoding="utf-8")
    slow.write_text(rig.replace("period_ms: 100", "period_ms: 700"), encoding="utf-8")
    with ThreadPoolExecutor(1) as one_by_one:

        def start(name: str, rig: Path, *options: str) -> Future[Ran]:
            (folder / name).mkdir()
            return one_by_one.submit(run_rig, folder / name, keys, "--lg-env", str(rig), *options)

        yield Runs(
            start("faults", RIGS / "simulated.yaml", "-k", "faults", "--seed", "2", "--kinds", str(_SOME)),
            start("bench", RIGS / "bench.yaml", "-k", "not algorithm_alone"),
            start("usual", RIGS / "simulated.yaml", "-k", "latency or saturation"),
            start("slower", slow, "-k", "latency"),
            keys,
        )


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Ran:
    return run_rig(tmp_path_factory.mktemp("emulated"), keys, "--seed", "2", "--kinds", str(_KINDS))


def skipped(record: Record) -> Sequence[str]:
    return [one.why for one in record.run.outcomes if one.result is Result.SKIPPED]


@emulation
def test_every_test_passes_and_only_those_that_need_the_bench_are_skipped(emulated: Ran) -> None:
    assert emulated.status == 0, emulated.said
    assert emulated.record.verdict is Verdict.PASSED
    whys = skipped(emulated.record)
    assert len([why for why in whys if why.startswith(_BENCH)]) == 6
    assert [why for why in whys if not why.startswith(_BENCH)] == ["this rig has no light"]
    assert len(emulated.junit.findall(".//skipped")) == len(whys)


@emulation
def test_faults_of_many_kinds_fired_and_all_was_live_again_after_each(emulated: Ran) -> None:
    faults = emulated.record.run.faults
    assert len({one.name for one in faults if one.fired}) == len(faults) == _KINDS > 10
    assert [one.name for one in faults if not one.proof or one.recovered_s is None] == []
    (left,) = [note for note in emulated.record.run.notes if note.startswith(f"--kinds {_KINDS} left out")]
    assert {kind.name for kind in KINDS} - {one.name for one in faults} == set(
        left.partition(": ")[2].removesuffix(".").split(", ")
    )


@emulation
def test_a_node_gone_silent_and_a_value_over_its_limit_are_alerts_in_their_time(emulated: Ran) -> None:
    measured = {one.measured.name: one.measured for one in emulated.record.taken}
    for what in ("value over its limit", "node silent", "cable pulled"):
        assert measured[f"alarm delay, {what}"].kind == "distribution"
        assert measured[f"alarm delay, {what}"].judgement == "within"
        missed = measured[f"alarm delay, {what}: stimuli without an alarm"]
        assert missed.kind == "value"
        assert missed.value == 0


@emulation
def test_the_emulators_own_limit_is_beside_what_was_measured_and_marked(emulated: Ran) -> None:
    measured = {one.measured.name: one.measured for one in emulated.record.taken}
    limit = measured["the emulator's own limit: bare frames to a bare reader"]
    for name in ("readings to the ledger", "latency to the wire", "latency to the ledger", limit.name):
        assert "EMULATED" in measured[name].note
    assert "bare frames" in measured["readings to the ledger"].note


@emulation
def test_what_was_not_measured_is_said_to_be_from_data_sheets(emulated: Ran) -> None:
    (battery,) = [one.measured for one in emulated.record.taken if "battery" in one.measured.name]
    assert battery.uncertainty
    assert "not measured here, but from: " in battery.note
    assert "Product Specification" in battery.note


@emulation
def test_the_bundle_says_what_was_faked_what_ran_and_what_it_covers(emulated: Ran) -> None:
    run = emulated.record.run
    assert {one.name for one in run.parts if not one.real} >= {"processor", "sensor", "radio", "network"}
    assert {one.name for one in run.parts if one.real} >= {"gateway", "controller", "firmware"}
    assert {what for what, _ in run.digests} >= {
        "firmware of the micro:bit",
        "gateway and controller (sources)",
    }
    assert sorted(one.requirement for one in run.covered) == ["F-01", "F-22", "F-23"]
    assert run.command == f"./run rig --lg-env hil/rig/rigs/emulated.yaml --seed 2 --kinds {_KINDS}"


@emulation
def test_an_auditor_opens_the_report_in_a_browser_that_has_no_network(emulated: Ran, tmp_path: Path) -> None:
    path, requests, complaints = tmp_path / "report.html", list[str](), list[str]()
    path.write_bytes(emulated.files["report.html"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        for name in ("Bland–Altman", "Waveform: driven sensor", "Timeline of faults"):
            assert page.get_by_role("img", name=name).first.is_visible()
        for words in ("alarm delay, node silent", "parts were faked: processor", "To repeat it"):
            assert page.get_by_text(words).first.is_visible()
        assert page.locator("tr.fault").count() == _KINDS
        browser.close()
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    assert complaints == []


def test_on_a_simulated_node_faults_of_some_kinds_fire_and_all_is_live_again_after_each(runs: Runs) -> None:
    run = runs.faults.result()
    assert (run.status, run.record.verdict) == (0, Verdict.PASSED), run.said
    faults = run.record.run.faults
    assert len({one.name for one in faults if one.fired}) == len(faults) == _SOME
    assert [one.name for one in faults if not one.proof or one.recovered_s is None] == []


def test_on_a_bench_without_its_parts_every_test_says_that_it_needs_it(runs: Runs) -> None:
    ran = runs.bench.result()
    whys = skipped(ran.record)
    assert ran.status == 0, ran.said
    assert len(whys) == len(ran.record.run.outcomes) > 10
    assert whys.count(_LEFT_OUT) == 1
    assert [why for why in whys if not why.startswith((_BENCH, "this rig has no ", _LEFT_OUT))] == []
    assert ran.record.verdict is Verdict.INCONCLUSIVE


def test_a_run_of_one_test_says_which_others_were_left_out(runs: Runs) -> None:
    record = runs.usual.result().record
    left = [one for one in record.run.outcomes if one.why == _LEFT_OUT]
    assert len(left) > 10
    assert {one.result for one in left} == {Result.SKIPPED}
    assert all(one.test.startswith("tests/rig/test_") and "::" in one.test for one in left)
    assert record.run.command.endswith("-k 'latency or saturation'")


def test_light_that_is_played_into_a_node_comes_out_of_the_ledger_as_saturation_and_pulse(runs: Runs) -> None:
    record = runs.usual.result().record
    figures = {one.title: one for one in record.figures}
    measured = {one.measured.name: one.measured for one in record.taken}
    for name in ("SpO2, from light to ledger", "pulse, from light to ledger"):
        figure = figures[name]
        assert isinstance(figure, BlandAltman)
        assert len(figure.pairs) > 10
        assert measured[f"{name}, Arms"].judgement == "within"


def test_compare_tells_a_firmware_that_measures_more_slowly(runs: Runs) -> None:
    usual, slower = runs.usual.result(), runs.slower.result()
    assert (usual.status, slower.status) == (0, 0), usual.said + slower.said
    found = compared(usual.record, slower.record)
    assert "firmware of the unix node" in {one.name for one in found.digests}
    changes = {one.name: one.change for one in found.measurements}
    assert changes["latency to the ledger, p50"] is Change.WORSE
    words = ["compare", str(usual.bundle), str(slower.bundle), "--keys", str(runs.keys)]
    said = CliRunner().invoke(cli.app, words)
    assert (said.exit_code, "worse: latency to the ledger, p50" in said.output) == (1, True)

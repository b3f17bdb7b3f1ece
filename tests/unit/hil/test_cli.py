"""`wardlink hil`: what an engineer types, and what it refuses."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hil import cli
from hil.evidence.bench_key import BenchKey
from hil.evidence.recording import line
from tests.support.evidence import bench_key, filled, frames, pleth
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[3]
CAPTURES = ROOT / "tests" / "captures"


def asked(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [*map(str, words), "--keys", str(folder / "keys")])


def test_a_bundle_of_this_bench_is_shown(tmp_path: Path) -> None:
    path = filled(tmp_path).close(bench_key(tmp_path))
    shown = asked(tmp_path, "report", path, "--html", tmp_path / "report.html")
    assert shown.exit_code == 0
    for said in (
        "faked  node: MicroPython",
        "within        recovery: 1.83 s (± 0.12), limits: at most 5",
        "skipped           0.0 s  A pulse comes by radio (nrf52): needs the bench",
        "faults: 1 fired, 1 did not and prove nothing",
        "PASSED",
        "whole, and signed by a key that is trusted",
    ):
        assert said in shown.output
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_report_whose_verdict_was_edited_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path, slower=4.0).close(bench_key(tmp_path))
    assert "FAILED" in asked(tmp_path, "report", path).output
    edited = tmp_path / "edited.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(edited, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry).replace(b"failed", b"passed"))
    refused = asked(tmp_path, "report", edited, "--html", tmp_path / "report.html")
    assert refused.exit_code == 1
    assert "REFUSED: the manifest" in refused.output or "was changed" in refused.output
    assert "PASSED" not in refused.output
    assert not (tmp_path / "report.html").exists()


def test_another_benchs_bundle_is_refused_until_its_key_is_trusted(tmp_path: Path) -> None:
    other = bench_key(tmp_path / "other")
    path = filled(tmp_path).close(other)
    refused = asked(tmp_path, "report", path)
    assert (refused.exit_code, f"unknown key, {other.fingerprint}" in refused.output) == (1, True)
    assert asked(tmp_path, "report", path, "--trust", other.fingerprint.upper()).exit_code == 0


def test_reading_makes_no_key(tmp_path: Path) -> None:
    path = filled(tmp_path).close(bench_key(tmp_path / "other"))
    asked(tmp_path, "report", path)
    assert not (tmp_path / "keys").exists()


def test_the_key_is_told_and_stays(tmp_path: Path) -> None:
    told = asked(tmp_path, "key").output.strip()
    assert told == bench_key(tmp_path).fingerprint == asked(tmp_path, "key").output.strip()


def test_a_worse_version_makes_compare_fail_and_a_better_one_does_not(tmp_path: Path) -> None:
    key = bench_key(tmp_path)
    old, new = (filled(tmp_path / name, slower=more).close(key) for name, more in (("a", 0), ("b", 2)))
    worse = asked(tmp_path, "compare", old, new, "--html", tmp_path / "difference.html")
    assert (worse.exit_code, "worse: recovery" in worse.output) == (1, True)
    assert "something got worse" in (tmp_path / "difference.html").read_text(encoding="utf-8")
    better = asked(tmp_path, "compare", new, old)
    assert (better.exit_code, "better: recovery" in better.output) == (0, True)


def test_a_bundle_that_cannot_be_trusted_is_not_compared(tmp_path: Path) -> None:
    mine = filled(tmp_path / "a").close(bench_key(tmp_path))
    other = filled(tmp_path / "b").close(bench_key(tmp_path / "other"))
    assert f"{other}: REFUSED" in asked(tmp_path, "compare", mine, other).output


_RUN = f"""#!{sys.executable}
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from hil.evidence.bench_key import BenchKey
from tests.support.evidence import filled
options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
Path("asked").write_text(" ".join(sys.argv[1:]))
if options["--seed"] != "13":
    evidence = filled(Path(options["--evidence"]), slower=9.0 if options["--seed"] == "12" else 0.0)
    evidence.close(BenchKey.of(Path(options["--bench-key"])))
sys.exit(5 if options["--seed"] == "13" else 0)
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose `./run rig` makes a bundle at once, but not with the seed 13."""
    (tmp_path / "hil" / "rig" / "rigs").mkdir(parents=True)
    (tmp_path / "hil" / "rig" / "rigs" / "emulated.yaml").touch()
    (tmp_path / "run").write_text(_RUN)
    (tmp_path / "run").chmod(0o755)
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


def test_run_starts_the_rig_and_shows_its_bundle(runs: Path) -> None:
    shown = asked(runs, "run", "--seed", "7", "--rounds", "2", "--out", runs / "out", "-k", "delay")
    assert (shown.exit_code, "PASSED" in shown.output) == (0, True)
    words = (runs / "asked").read_text()
    assert words.startswith(f"rig --lg-env {runs}/hil/rig/rigs/emulated.yaml --seed 7 --evidence {runs}/out")
    assert words.endswith("--rounds 2 -k delay")


def test_a_broken_limit_fails_a_run_whose_tests_all_passed(runs: Path) -> None:
    shown = asked(runs, "run", "--seed", "12", "--out", runs / "out")
    assert (shown.exit_code, "FAILED: At least one" in shown.output) == (1, True)


def test_a_run_that_leaves_no_bundle_says_so(runs: Path) -> None:
    refused = asked(runs, "run", "--seed", "13", "--out", runs / "out")
    assert (refused.exit_code, "ended with 5 and left no bundle" in refused.output) == (1, True)


def test_an_unknown_rig_is_refused_with_those_that_are_known(runs: Path) -> None:
    refused = asked(runs, "run", "--rig", "nothing")
    assert (refused.exit_code, "one of emulated" in refused.output) == (1, True)


def test_the_options_of_run_are_those_of_the_rigs_tests() -> None:
    plugin = (ROOT / "tests" / "rig" / "plugin.py").read_text(encoding="utf-8")
    for option in ("--seed", "--rounds", "--evidence", "--bench-key"):
        assert f'addoption("{option}"' in plugin


def invoked(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [*map(str, words)])


def test_a_recording_is_decoded_by_its_profile() -> None:
    shown = invoked("replay", CAPTURES / "nonin_df2.txt", "--profile", "nonin-xpod")
    assert (shown.exit_code, "spo2" in shown.output) == (0, True)


def test_replay_asks_where_to(tmp_path: Path) -> None:
    (tmp_path / "capture.txt").write_text(line(0.0, b"a"))
    assert "where to?" in invoked("replay", tmp_path / "capture.txt").output


def test_a_file_that_is_no_recording_of_that_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "capture.txt").write_text(line(0.0, b"a") + "garbage\n")
    refused = invoked("replay", tmp_path / "capture.txt", "--profile", "nonin-xpod")
    assert (refused.exit_code, "line 2" in refused.output) == (1, True)


def test_a_recording_is_played_to_a_port_and_recorded_again(tmp_path: Path) -> None:
    first, second, port = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "port"
    first.write_text(line(0.0, b"abc") + line(0.1, b"def"))
    words = [sys.executable, "-m", "hil.cli", "replay", str(first), "--to", str(port)]
    with subprocess.Popen(words, cwd=ROOT) as playing:
        wait_for(port.exists, "the port is there")
        recorded = invoked("record", port, second)
        assert playing.wait(30) == 0
    assert "the device went away" in recorded.output
    data = "".join(one.split()[1] for one in second.read_text().splitlines() if not one.startswith("#"))
    assert bytes.fromhex(data) == b"abcdef"


def test_a_recording_is_held_against_what_was_played(tmp_path: Path) -> None:
    played, recorded = tmp_path / "played.txt", tmp_path / "recorded.txt"
    played.write_bytes(frames(pleth()))
    recorded.write_bytes(b"\n".join(frames(pleth()).splitlines()[:575]))
    shown = invoked("fidelity", "nonin-xpod", played, recorded)
    assert (shown.exit_code, "pleth, lost: 0 {samples}" in shown.output) == (0, True)
    refused = invoked("fidelity", "nonin-xpod", played, CAPTURES / "nonin_df2.txt")
    assert (refused.exit_code, "another waveform" in refused.output) == (1, True)


def test_a_batterys_life_is_estimated_and_says_from_what() -> None:
    loads = ("--load", "asleep,0.01,0.9,0,the data sheet", "--load", "awake,10,0.1,8,measured")
    shown = invoked("battery", "--mah", "200", "--percent", "6", *loads)
    assert "battery life: 198 h (± 20)" in shown.output
    assert "not measured here, but from: data sheet, the data sheet" in shown.output


@pytest.mark.parametrize("load", ["asleep", "asleep,much,0.9,0,x", "asleep,1,0.5,0,x"])
def test_a_load_that_is_none_is_refused(load: str) -> None:
    assert invoked("battery", "--mah", "200", "--load", load).exit_code == 1


def test_the_bench_for_people_has_its_own_options() -> None:
    shown = invoked("bench", "--help")
    assert (shown.exit_code, "--seconds" in shown.output or "--headless" in shown.output) == (0, True)


def test_a_port_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused = invoked("record", tmp_path / "none", tmp_path / "out.txt")
    assert (refused.exit_code, "is it plugged in" in refused.output) == (1, True)


def test_a_key_that_is_broken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "bench-key.pem").write_text("garbage")
    refused = asked(tmp_path, "key")
    assert (refused.exit_code, "restore it" in refused.output) == (1, True)


def test_the_default_folder_of_the_key_is_the_persons_own() -> None:
    assert BenchKey.of.__func__.__defaults__ == (Path("~/.config/wardlink"),)

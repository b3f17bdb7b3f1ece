"""Which slot is started: the good one, the one on trial, and the way back; whatever the state's file says."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpdateError
from gateway.updates import launcher
from gateway.updates.launcher import (
    Failure,
    State,
    Trial,
    choose,
    give_up,
    read_state,
    write_state,
)
from gateway.updates.slots import Slots
from tests.support.waiting import wait_for


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Release 1 in slot a, the good one, and release 2 in slot b."""
    for slot, number in (("a", 1), ("b", 2)):
        (tmp_path / slot).mkdir()
        (tmp_path / slot / "release.json").write_text(json.dumps({"release": number}), encoding="utf-8")
    write_state(tmp_path, State("a"))
    return tmp_path


SLOT = st.sampled_from(launcher.SLOTS)
FAILURES = st.lists(
    st.builds(Failure, st.integers(1, 99), st.integers(1, 99), st.text(max_size=20)), max_size=3
)


@given(SLOT, st.booleans(), st.integers(0, 3), FAILURES)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, good: str, tried: bool, tries: int, failures: list[Failure]
) -> None:
    folder = tmp_path_factory.mktemp("state")
    trial = Trial(launcher.other(good), 7, 3, tries) if tried else None
    state = State(good, trial, tuple(failures))
    write_state(folder, state)
    assert read_state(folder) == state


def test_without_a_trial_the_good_slot_starts(box: Path) -> None:
    assert choose(box) == ("a", False)


def test_a_trial_is_counted_before_it_begins(box: Path) -> None:
    Slots(box).ask_for_trial(5)
    assert choose(box) == ("b", True)
    assert read_state(box).trial == Trial("b", 2, 5, launcher.TRIES - 1)


def test_what_is_confirmed_is_the_good_one(box: Path) -> None:
    Slots(box).ask_for_trial(5)
    choose(box)
    Slots(box).confirm("b")
    assert choose(box) == ("b", False)


def test_what_was_given_up_cannot_be_confirmed_any_more(box: Path) -> None:
    Slots(box).ask_for_trial(5)
    assert give_up(box, "mute")
    with pytest.raises(UpdateError, match="not on trial any more"):
        Slots(box).confirm("b")
    assert choose(box) == ("a", False)
    assert read_state(box).failures == (Failure(2, 5, "mute"),)


def test_what_was_confirmed_is_not_given_up_any_more(box: Path) -> None:
    Slots(box).ask_for_trial(5)
    Slots(box).confirm("b")
    assert not give_up(box, "too slow")
    assert choose(box) == ("b", False)


def test_only_the_last_failures_are_kept(box: Path) -> None:
    for asked in range(30):
        Slots(box).ask_for_trial(asked)
        give_up(box, "mute")
    assert [one.asked for one in read_state(box).failures] == list(range(10, 30))


def test_a_trial_of_a_slot_that_holds_another_release_than_was_asked_for_never_begins(box: Path) -> None:
    Slots(box).ask_for_trial(5)
    (box / "b" / "release.json").write_text('{"release": 9}', encoding="utf-8")
    assert choose(box) == ("a", False)
    assert read_state(box).failures[0].release == 2


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"good": "c", "trial": null, "failures": []}', b"\xff", None]
)
def test_without_a_state_that_can_be_read_the_slot_that_was_good_before_starts(
    box: Path, damage: bytes | None, capfd: pytest.CaptureFixture[str]
) -> None:
    (box / "a" / "release.json").write_text('{"release": 3}', encoding="utf-8")
    if damage is None:
        (box / "state.json").unlink()
    else:
        (box / "state.json").write_bytes(damage)
    assert choose(box) == ("b", False)  # releases rise: 2 was good before 3 came
    assert "state.json cannot be used" in capfd.readouterr().err


@given(st.binary(max_size=200))
def test_no_bytes_in_the_states_file_stop_the_launcher(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("state")
    (folder / "state.json").write_bytes(data)
    assert choose(folder)[0] in launcher.SLOTS


# As a process, with gateways that are a few lines.

STAY = "import signal; signal.pause()"
FAIL = "raise SystemExit(3)"


@pytest.fixture
def installed(box: Path) -> Path:
    """The same with programs: the good one stays, the other ends at once."""
    (box / "launcher.py").write_bytes(Path(launcher.__file__).read_bytes())
    for slot, program in (("a", STAY), ("b", FAIL)):
        (box / slot / "site").mkdir()
        report = f"import os, sys; print('{slot}', os.getpid(), sys.argv[1:], flush=True)\n"
        (box / slot / "site" / "wardlink.py").write_text(report + program, encoding="utf-8")
    return box


def started(box: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(box / "launcher.py"), "--trial-seconds", "2", "box.toml"]
    with (box / "out").open("ab") as out:
        return subprocess.Popen(command, stdout=out, stderr=out)


def said(box: Path) -> list[str]:
    return [line for line in (box / "out").read_text().splitlines() if line[:2] in ("a ", "b ")]


def test_the_process_runs_the_good_slot_and_ends_it_in_order(installed: Path) -> None:
    process = started(installed)
    wait_for(lambda: said(installed), "slot a runs")
    _, child, *arguments = said(installed)[0].split(" ", 2)
    assert arguments == ["['gateway', 'run', 'box.toml']"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(child), 0)


def test_the_process_goes_back_when_the_trial_ends_by_itself(installed: Path) -> None:
    process = started(installed)
    try:
        wait_for(lambda: said(installed), "slot a runs")
        Slots(installed).ask_for_trial(5)
        wait_for(lambda: len(said(installed)) == 3, "slot a runs again")
        assert [line[0] for line in said(installed)] == ["a", "b", "a"]
        assert read_state(installed).failures == (Failure(2, 5, "it ended with status 3"),)
    finally:
        process.terminate()
        process.wait(20)


def test_the_process_gives_up_a_trial_that_never_gets_healthy(installed: Path) -> None:
    (installed / "b" / "site" / "wardlink.py").write_text(f"print('b mute', flush=True)\n{STAY}")
    process = started(installed)
    try:
        wait_for(lambda: said(installed), "slot a runs")
        Slots(installed).ask_for_trial(5)
        wait_for(lambda: len(said(installed)) == 3, "slot a runs again")
        assert read_state(installed).failures == (Failure(2, 5, "not healthy within 2 s"),)
    finally:
        process.terminate()
        process.wait(20)


def test_a_second_launcher_does_not_start(installed: Path) -> None:
    process = started(installed)
    try:
        wait_for(lambda: said(installed), "slot a runs")
        assert started(installed).wait(20) == 1
        assert "another launcher runs here" in (installed / "out").read_text()
    finally:
        process.terminate()
        process.wait(20)


def test_a_killed_launcher_takes_its_gateway_with_it(installed: Path) -> None:
    process = started(installed)
    wait_for(lambda: said(installed), "slot a runs")
    child = int(said(installed)[0].split()[1])
    process.kill()
    process.wait(20)
    wait_for(lambda: not Path(f"/proc/{child}/cmdline").exists() or _is_dead(child), "the gateway is gone")


def _is_dead(child: int) -> bool:
    return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

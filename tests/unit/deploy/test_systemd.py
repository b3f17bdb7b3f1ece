"""systemd takes the units as they are, they leave little to whoever gets in, and all that the code needs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from controller.cli import app as controller
from controller.cluster.cli import app as broker
from controller.lake.cli import app as lake
from gateway.updates.launcher import STOP_S, TRIAL_S

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
MOST_EXPOSED = {"wardlink-gateway.service": 2.1}
"""By `systemd-analyze security`, of 10; others: 1.2."""
NEEDED = {"setpriority": ("controller", "nightly"), "prlimit64": ("controller",), "adjtimex": ("gateway",)}
"""System calls by whose service: os.nice, limits of what decodes images, how far the clock can be trusted."""
COMMANDS = {"controller": controller, "broker": broker, "lake": lake}


def analyze(*arguments: object) -> str:
    """Debian's, of the package systemd; nothing of it has to run."""
    command = ["systemd-analyze", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def value(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def test_systemd_has_nothing_to_say_against_them(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/wardlink/bin/wardlink", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/python3", sys.executable), encoding="utf-8")
    named = [one for one in tmp_path.iterdir() if one.suffix in {".service", ".timer"}]
    assert len(named) == 5
    assert analyze("verify", "--man=no", *named) == ""


@pytest.mark.parametrize("unit", SERVICES, ids=[unit.stem for unit in SERVICES])
def test_who_gets_into_one_can_do_little(unit: Path) -> None:
    most = MOST_EXPOSED.get(unit.name, 1.2)
    analyze("security", "--offline=true", "--no-pager", f"--threshold={round(most * 10)}", unit)


def allowed(unit: Path) -> set[str]:
    """The system calls that its filters let through, in order: each takes from what is there, or adds."""
    found: set[str] = set()
    for text in value(unit, "SystemCallFilter"):
        taken = text.startswith("~")
        for name in text.lstrip("~").split():
            calls = members(name) if name.startswith("@") else {name}
            found = found - calls if taken else found | calls
    return found


def members(name: str) -> set[str]:
    lines = analyze("syscall-filter", "--no-pager", name).splitlines()
    words = [line.strip() for line in lines[1:] if line.strip() and not line.strip().startswith("#")]
    return {call for word in words for call in (members(word) if word.startswith("@") else {word})}


@pytest.mark.parametrize("call", NEEDED)
def test_what_the_code_asks_of_the_kernel_is_not_refused(call: str) -> None:
    for service in NEEDED[call]:
        assert call in allowed(UNITS / f"wardlink-{service}.service"), service


def test_each_starts_a_command_that_there_is() -> None:
    found = []
    for unit in SERVICES:
        for line in value(unit, "ExecStart"):
            program, *words = line.split()
            if program.endswith("/wardlink"):
                group = typer.main.get_command(COMMANDS[words[0]])
                assert words[1] in group.commands, line  # type: ignore[attr-defined]
                found.append(words[:2])
    assert {tuple(words) for words in found} == {
        *(("controller", "run"), ("broker", "run"), ("lake", "write"), ("lake", "check"))
    }


def test_whoever_serves_is_watched_and_started_again_without_end() -> None:
    for unit in SERVICES:
        if unit.stem != "wardlink-nightly":
            assert value(unit, "Type") == ["notify"]
            assert value(unit, "Restart") == ["always"]
            assert value(unit, "StartLimitIntervalSec") == ["0"]
            assert value(unit, "WatchdogSec")


def test_a_release_on_trial_is_given_back_before_the_watchdog_ends_the_launcher() -> None:
    (watchdog,) = value(UNITS / "wardlink-gateway.service", "WatchdogSec")
    assert float(watchdog) > STOP_S + TRIAL_S + STOP_S + 30

#!/usr/bin/env python3
"""Starts the gateway from one of two slots, and goes back to the old one when a new one does not get healthy.

    python3 /opt/wardlink/launcher.py /etc/wardlink/ward-a.toml

This file stands outside the slots and needs nothing but Python, so that no release can break it. Its folder:

    a/ b/        a release each: site/ (what is imported), release.json, bom.cdx.json
    root.json    whose releases this box takes (slots.py)
    state.json   which slot is good, and which one is on trial

A trial is written down before it begins and again when it has succeeded. Whatever ends in between (the
release, this process, the power), the slot that was good is still the good one.
"""

import argparse
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

SLOTS = ("a", "b")
FOLDER_VARIABLE, SLOT_VARIABLE, CONFIG_VARIABLE = "WARDLINK_FOLDER", "WARDLINK_SLOT", "WARDLINK_CONFIG"
"""By which a gateway learns that it runs from a slot, from which, and by which configuration."""
TRIAL_S = 60.0
"""A release on trial has to be healthy after so many seconds."""
TRIES = 3
"""How often a trial may begin, when it was the power or this process that ended it."""
STOP_S = 20.0
"""How long a gateway may take to end in order."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
STEADY_S = 60.0
_LOOK_S = 0.2
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG (prctl(2)): a gateway whose launcher was killed must not hold the journal."""
_KEPT_FAILURES = 20


@dataclass(frozen=True)
class Trial:
    """A slot that is to prove itself."""

    slot: str
    release: int
    asked: int
    """The revision of the configuration that asks for it."""
    tries: int = TRIES
    """How often it may still begin."""


@dataclass(frozen=True)
class Failure:
    """A release that did not get healthy, and why. `asked` is as in the trial."""

    release: int
    asked: int
    why: str


@dataclass(frozen=True)
class State:
    """What `state.json` says."""

    good: str
    trial: Trial | None = None
    failures: tuple[Failure, ...] = field(default=())
    """The last of them, the newest at the end."""

    def failed(self, why: str) -> "State":
        """As it is after the trial failed."""
        if self.trial is None:
            return self
        failures = (*self.failures, Failure(self.trial.release, self.trial.asked, why))
        return replace(self, trial=None, failures=failures[-_KEPT_FAILURES:])


def other(slot: str) -> str:
    """The other slot."""
    return SLOTS[1 - SLOTS.index(slot)]


def read_state(folder: Path) -> State:
    """What `state.json` says; when that is damaged or gone, what the slots show. Raises OSError."""
    try:
        held = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        trial = Trial(**held["trial"]) if held["trial"] else None
        state = State(held["good"], trial, tuple(Failure(**one) for one in held["failures"]))
        if state.good in SLOTS and (trial is None or trial.slot == other(state.good)):
            return state
        problem = f"it has {held!r:.200}"
    except (FileNotFoundError, ValueError, TypeError, KeyError) as error:
        problem = repr(error)
    say(f"{folder}/state.json cannot be used: {problem}")
    return State(_once_good(folder))


def _once_good(folder: Path) -> str:
    """Of slots that hold a release the one with the lower number: releases rise, so it was good before."""
    held = {number: slot for slot in SLOTS if (number := release_in(folder, slot)) is not None}
    return held[min(held)] if held else SLOTS[0]


def release_in(folder: Path, slot: str) -> int | None:
    """The number of the release in a slot; None when there is none."""
    try:
        return int(json.loads((folder / slot / "release.json").read_text(encoding="utf-8"))["release"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_state(folder: Path, state: State) -> None:
    """Replace `state.json`: after a power cut it says the old or the new. Raises OSError."""
    new = folder / "state.json.new"
    with new.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(folder / "state.json")
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[State]:
    """The state, which nobody else changes meanwhile. Raises OSError."""
    with (folder / "state.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield read_state(folder)


def choose(folder: Path) -> tuple[str, bool]:
    """The slot to start now, and whether that is a trial: each begin of one is written down first."""
    with alone(folder) as state:
        if state.trial is None:
            return state.good, False
        if state.trial.tries > 0 and release_in(folder, state.trial.slot) == state.trial.release:
            write_state(folder, replace(state, trial=replace(state.trial, tries=state.trial.tries - 1)))
            return state.trial.slot, True
        write_state(folder, state.failed("its trial was ended again and again, or its slot is not whole"))
        return state.good, False


def give_up(folder: Path, why: str) -> bool:
    """The trial failed, unless it has succeeded in this moment. Whether it failed."""
    with alone(folder) as state:
        if state.trial is None:
            return False
        write_state(folder, state.failed(why))
        return True


def is_asked(folder: Path) -> bool:
    """Whether a trial is to begin, or still goes on."""
    return read_state(folder).trial is not None


def say(text: str) -> None:
    """For the journal of the system."""
    sys.stderr.write(f"launcher: {text}\n")
    sys.stderr.flush()


class Launcher:
    """Runs one gateway at a time, for ever."""

    def __init__(self, folder: Path, config: str, trial_s: float) -> None:
        self._folder, self._config, self._trial_s = folder, config, trial_s
        self._is_stopping = False
        self._child: subprocess.Popen[bytes] | None = None

    def stop(self, *_: object) -> None:
        """End the gateway in order, and then this process."""
        self._is_stopping = True
        if self._child is not None:
            self._child.terminate()

    def run(self) -> None:
        """Until stopped."""
        wait_s = FIRST_WAIT_S
        while not self._is_stopping:
            slot, is_trial = choose(self._folder)
            began = time.monotonic()
            status = self._try(slot) if is_trial else self._serve(self._start(slot))
            if self._is_stopping or is_asked(self._folder):
                continue
            wait_s = FIRST_WAIT_S if time.monotonic() - began > STEADY_S else min(2 * wait_s, LONGEST_WAIT_S)
            say(f"slot {slot} ended with status {status}; a slot is started in {wait_s:g} s")
            self._pause(wait_s)

    def _try(self, slot: str) -> int:
        """The slot on trial, until it ends, or is not healthy in time."""
        until = time.monotonic() + self._trial_s
        child = self._start(slot)
        while child.poll() is None and is_asked(self._folder):
            if time.monotonic() > until and give_up(self._folder, f"not healthy within {self._trial_s:g} s"):
                say(f"slot {slot} did not get healthy within {self._trial_s:g} s: back to the old one")
                return self._end(child)
            time.sleep(_LOOK_S)
        if child.poll() is None:
            say(f"slot {slot} is healthy: it is the good one from now on")
            return self._serve(child)
        if not self._is_stopping and give_up(self._folder, f"it ended with status {child.returncode}"):
            say(f"slot {slot} ended with status {child.returncode} on trial: back to the old one")
        return child.returncode

    def _serve(self, child: "subprocess.Popen[bytes]") -> int:
        """The good slot, until it ends or a trial is asked for."""
        while child.poll() is None:
            if is_asked(self._folder):
                say("a new release is to be tried: the gateway is asked to end")
                return self._end(child)
            time.sleep(_LOOK_S)
        return child.returncode

    def _start(self, slot: str) -> "subprocess.Popen[bytes]":
        known = {**os.environ, FOLDER_VARIABLE: str(self._folder), SLOT_VARIABLE: slot}
        known[CONFIG_VARIABLE] = self._config
        known["PYTHONPATH"] = str(self._folder / slot / "site")
        # -P: nothing in the folder from which this was started is imported.
        command = [sys.executable, "-P", "-m", "wardlink", "gateway", "run", self._config]
        say(f"slot {slot} starts")
        self._child = subprocess.Popen(command, env=known, preexec_fn=_die_with_parent)  # noqa: PLW1509 - one thread
        if self._is_stopping:  # the signal came before there was a child to end
            self._child.terminate()
        return self._child

    def _end(self, child: "subprocess.Popen[bytes]") -> int:
        child.terminate()
        try:
            return child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            say(f"the gateway did not end within {STOP_S:g} s and is killed")
            child.kill()
            return child.wait()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._is_stopping:
            time.sleep(_LOOK_S)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Starts a gateway from one of the slots beside this file.")
    parser.add_argument("config", help="the gateway's configuration, a TOML file")
    parser.add_argument(
        "--trial-seconds", type=float, default=TRIAL_S, help="in which a release gets healthy"
    )
    given = parser.parse_args()
    folder = Path(__file__).resolve().parent
    launcher = Launcher(folder, given.config, given.trial_seconds)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, launcher.stop)
    with (folder / "launcher.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"{folder}: another launcher runs here: stop it first")
        launcher.run()


if __name__ == "__main__":
    main()

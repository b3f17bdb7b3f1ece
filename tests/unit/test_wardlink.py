"""The command line: lists models, decodes captures, and names the extra that is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from devices.codecs.heart_rate import HeartRate
from devices.codecs.nonin_packet import Packet
from devices.profiles import profiles
from wardlink import app

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def nonin_capture(tmp_path: Path) -> Path:
    file = tmp_path / "capture.bin"
    file.write_bytes(b"".join(Packet(61, 97, tuple(range(25))).encode() for _ in range(2)))
    return file


def test_devices_lists_every_profile() -> None:
    code, output = run("devices")
    assert code == 0
    assert all(name in output for name in profiles())


def test_decode_prints_the_readings_of_a_serial_capture(tmp_path: Path) -> None:
    code, output = run("decode", "nonin-xpod", str(nonin_capture(tmp_path)))
    assert code == 0
    assert output.count("spo2         97 %") == 2
    assert "25 samples at 75 Hz" in output


def test_decode_gives_one_json_object_a_line(tmp_path: Path) -> None:
    code, output = run("decode", "nonin-xpod", str(nonin_capture(tmp_path)), "--json")
    said = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [one["value"] for one in said if one.get("metric") == "spo2"] == [97, 97]
    assert next(one["samples"] for one in said if one.get("metric") == "pleth") == list(range(25))


def test_decode_reads_a_ble_capture_and_says_why_there_is_no_value(tmp_path: Path) -> None:
    file = tmp_path / "capture.txt"
    values = HeartRate(62, contact=True).encode().hex(), HeartRate(62, contact=False).encode().hex()
    file.write_text("# a strap\n" + "".join(f"{n}.5 2a37 {value}\n" for n, value in enumerate(values)))
    code, output = run("decode", "polar-h10", str(file))
    assert code == 0
    assert "0.500 s  hr           62 /min" in output
    assert "no value       no_contact" in output


def test_a_bad_capture_or_profile_is_an_error_that_says_what_was_expected(tmp_path: Path) -> None:
    file = tmp_path / "capture.txt"
    file.write_text("0.5 2a37 zz\n")
    code, output = run("decode", "polar-h10", str(file))
    assert (code, "line 1: expected" in output) == (1, True)
    code, output = run("decode", "polar-h11", str(file))
    assert (code, "polar-h10" in output) == (1, True)


def test_a_side_is_loaded_only_when_it_is_named_and_a_missing_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "aiomqtt.py").write_text("raise ModuleNotFoundError('gone', name='aiomqtt')")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "wardlink"]
    listed = subprocess.run([*command, "devices"], env=environment, capture_output=True, check=True)
    assert b"polar-h10" in listed.stdout
    refused = subprocess.run(
        [*command, "gateway", "run", "x"], env=environment, capture_output=True, check=False
    )
    assert refused.returncode == 1
    assert b"`wardlink gateway` needs aiomqtt: pip install 'wardlink[gateway]'" in refused.stderr


def test_devices_are_checked_against_every_capture() -> None:
    code, output = run("devices", "--check")
    assert code == 0
    assert "captures replayed, 0 differ" in output


def test_a_capture_that_says_something_else_than_expected_is_named(tmp_path: Path) -> None:
    (tmp_path / "strap.txt").write_text("0.5 2a37 003e\n")
    wanted = {
        "profile": "polar-h10",
        "origin": "example",
        "source": ["these tests"],
        "expected": [["hr", "63"]],
    }
    (tmp_path / "strap.json").write_text(json.dumps(wanted))
    code, output = run("devices", "--check", "--captures", str(tmp_path))
    assert code == 1
    assert "strap: polar-h10: number 1: expected ['hr', '63'], came ['hr', '62']" in output


def test_a_folder_without_captures_proves_nothing(tmp_path: Path) -> None:
    assert run("devices", "--check", "--captures", str(tmp_path))[0] == 1


def test_decode_shows_no_impossible_number_as_a_value(tmp_path: Path) -> None:
    file = tmp_path / "capture.txt"
    file.write_text(f"0.5 2a37 {HeartRate(400).encode().hex()}\n")
    code, output = run("decode", "polar-h10", str(file))
    assert code == 0
    assert "hr           no value       rejected" in output
    assert "rejected     metric=hr value=400" in output

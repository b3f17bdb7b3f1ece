"""Evidence is collected, refused where it would be unclear, and comes out of its bundle as it was put in."""

import json
from pathlib import Path

import pytest

from hil.errors import BadBundle, BadMeasurement
from hil.evidence import stored
from hil.evidence.bundle import opened
from hil.evidence.collect import Evidence
from hil.evidence.measurement import Measurement
from hil.evidence.run import Result, Verdict
from tests.support.evidence import BEGAN_UTC_US, DELAY, begun, bench_key, filled


def test_what_was_collected_comes_out_of_the_bundle(tmp_path: Path) -> None:
    evidence, key = filled(tmp_path), bench_key(tmp_path)
    path = evidence.close(key)
    files = opened(path.read_bytes(), {key.fingerprint})
    assert path.name == "emulated-7-1760000000.zip"
    assert stored.read(files) == evidence.record
    assert stored.read(files).verdict is Verdict.PASSED
    assert files["raw/uart.bin"] == b"\x00\x01\xff"
    assert files["logs/gateway.log"] == b"began"
    assert {"report.html", "junit.xml", "measurements.json", "bench-key.pem"} <= files.keys()


def test_the_same_run_makes_the_same_bytes(tmp_path: Path) -> None:
    key = bench_key(tmp_path)
    one, other = (filled(tmp_path / name).close(key).read_bytes() for name in "ab")
    assert one == other


def test_raw_bytes_are_on_the_disk_before_the_run_ends(tmp_path: Path) -> None:
    begun(tmp_path).attach("uart.bin", b"abc")
    assert (tmp_path / "raw" / "uart.bin").read_bytes() == b"abc"


def test_the_rigs_file_is_kept(tmp_path: Path) -> None:
    rig = tmp_path / "mine.yaml"
    rig.write_text("places: []\n")
    path = Evidence(tmp_path / "out", "mine", 1, "again", BEGAN_UTC_US, rig).close(bench_key(tmp_path))
    assert opened(path.read_bytes(), {bench_key(tmp_path).fingerprint})["rig.yaml"] == b"places: []\n"


def test_it_says_by_whom_it_is_signed(tmp_path: Path) -> None:
    said = list[str]()
    path = filled(tmp_path).close(bench_key(tmp_path), said.append)
    assert said == [f"{path}: passed, signed by the bench's key {bench_key(tmp_path).fingerprint}"]


@pytest.mark.parametrize("result", [Result.FAILED, Result.ERROR, Result.SKIPPED])
def test_what_did_not_pass_has_a_reason(tmp_path: Path, result: Result) -> None:
    with pytest.raises(BadMeasurement, match="without a reason"):
        begun(tmp_path).outcome(DELAY, result, 1.0)


def test_a_requirement_that_is_none_is_not_covered(tmp_path: Path) -> None:
    with pytest.raises(BadMeasurement, match="Z-99 is not in"):
        begun(tmp_path).covers("Z-99", DELAY)


@pytest.mark.parametrize("name", ["../evil", "/etc/x", "", "a b"])
def test_a_name_that_leads_out_is_written_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadMeasurement, match="another name"):
        begun(tmp_path / "out").attach(name, b"")
    assert not list(tmp_path.iterdir())


def test_nothing_is_attached_over_something(tmp_path: Path) -> None:
    evidence = begun(tmp_path)
    evidence.attach("uart.bin", b"first")
    with pytest.raises(BadMeasurement, match="another name"):
        evidence.attach("uart.bin", b"second")
    assert (tmp_path / "raw" / "uart.bin").read_bytes() == b"first"


@pytest.mark.parametrize("digest", ["", "ab", "Z" * 64, "AB" * 32])
def test_a_digest_that_is_none_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(BadMeasurement, match="SHA-256"):
        begun(tmp_path).digest("firmware", digest)


def test_a_rigs_name_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(BadMeasurement, match="expected a name"):
        begun(tmp_path, rig="../rig")


@pytest.mark.parametrize("change", [{"samples": 0}, {"upper": "much"}, {"kind": "guess"}, {"unit": "a b"}])
def test_measurements_that_make_no_sense_are_not_read(tmp_path: Path, change: dict[str, object]) -> None:
    evidence = begun(tmp_path)
    evidence.measure(Measurement("recovery", 1.0, "s"), DELAY)
    files = evidence.record.files()
    assert stored.read(files) == evidence.record
    told = json.loads(files[stored.MEASUREMENTS])
    told[0]["measured"] |= change
    with pytest.raises(BadBundle, match="cannot be read"):
        stored.read({**files, stored.MEASUREMENTS: json.dumps(told).encode()})


def test_a_record_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(BadBundle, match=r"run.json is missing"):
        stored.read({})

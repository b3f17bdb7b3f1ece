"""`wardlink audit`, as an administrator uses it on the controller's own files."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from controller.audit.cli import app
from controller.audit.publish import Publisher
from controller.clock import SystemClock
from controller.config import load
from controller.identity.authority import new_authority
from controller.identity.files import FOLDER, open_authority
from controller.store import Store
from tests.support.trails import filled, tampering

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A controller's data folder: 12 entries, and the head that was published of them."""
    data = tmp_path / "controller-data"
    authority = open_authority(data / FOLDER, datetime.now(UTC))
    store = await Store.open(await filled(data / "wardlink.sqlite", 12))
    await Publisher(store, SystemClock(), authority, data / "audit", lambda _: None).publish()
    await store.close()
    (tmp_path / "controller.toml").write_text("")
    return data


@pytest.fixture
def run(data: Path) -> Run:
    """Runs a command. Gives its exit code, what it printed, and what it complained of."""

    def command(*words: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [*words, "-c", str(data.parent / "controller.toml")])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return command


def test_a_whole_trail_is_proved_with_its_own_heads(run: Run) -> None:
    code, out, err = run("verify")
    assert (code, err) == (0, "")
    assert out.startswith("12 entries, each as it was written; 1 published heads agree, the newest of 20")


def test_a_changed_trail_ends_with_1_and_names_the_entry(run: Run, data: Path) -> None:
    with tampering(data / "wardlink.sqlite") as db:
        db.execute("UPDATE audit SET entry = replace(entry, 'nurse2', 'nurse1') WHERE number = 7")
    code, _, err = run("verify")
    assert code == 1
    assert "entry 7 is not what was written there" in err
    assert "NOT what was written: 1 faults" in err


def test_a_cut_trail_is_found_by_the_heads_of_a_gateway_when_the_own_ones_were_cut_too(
    run: Run, data: Path, tmp_path: Path
) -> None:
    gateway = tmp_path / "gateway-heads.jws"
    own = data / "audit" / "heads.jws"
    gateway.write_bytes(own.read_bytes())
    own.unlink()
    with tampering(data / "wardlink.sqlite") as db:
        db.execute("DELETE FROM audit WHERE number > 9")
    code, out, _ = run("verify")
    assert code == 0
    assert "a cut end cannot be seen" in out
    code, _, err = run("verify", "--heads", str(gateway))
    assert code == 1
    assert "the end is cut off" in err


async def test_heads_of_an_earlier_issuing_key_need_its_certificate(
    run: Run, data: Path, tmp_path: Path
) -> None:
    earlier, _ = new_authority(datetime.now(UTC))
    store = await Store.open(data / "wardlink.sqlite")
    await Publisher(store, SystemClock(), earlier, tmp_path / "earlier", lambda _: None).publish()
    await store.close()
    heads = ("--heads", str(tmp_path / "earlier" / "heads.jws"))
    assert "name its certificate" in run("verify", *heads)[2]
    certificate = tmp_path / "earlier.pem"
    certificate.write_bytes(earlier.issuing.public_bytes(Encoding.PEM))
    code, out, _ = run("verify", *heads, "--certificate", str(certificate))
    assert code == 0
    assert "2 published heads agree" in out


def test_who_saw_a_patient_between_two_times(run: Run) -> None:
    _, out, _ = run("seen-by", "P1", "--from", "2026-11-25T21:05:40Z", "--to", "2026-11-25T21:05:45")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [(row[0], row[2], row[5]) for row in rows] == [("8", "nurse3", "P1"), ("5", "nurse0", "P1")]
    assert rows[0][1] == "2026-11-25T21:05:43.000000Z"


def test_the_newest_entries_are_shown(run: Run) -> None:
    _, out, _ = run("show", "--limit", "2")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["12", "11"]
    assert run("show", "--actor", "nobody")[1] == ""


def test_all_of_it_is_exported_in_each_form_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    files = {form: tmp_path / f"trail.{form}" for form in ("jsonl", "csv", "fhir")}
    for form, file in files.items():
        assert run("export", str(file), "--format", form)[0] == 0
        assert file.stat().st_mode & 0o777 == 0o600
    assert [orjson.loads(line)["number"] for line in files["jsonl"].open("rb")] == list(range(1, 13))
    assert len(list(csv.reader(files["csv"].open(newline="")))) == 13
    assert {orjson.loads(line)["resourceType"] for line in files["fhir"].open("rb")} == {"AuditEvent"}
    code, _, err = run("export", str(files["csv"]))
    assert code == 1
    assert "exists" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "--from", "yesterday"), "expected times as"),
        (("verify", "--heads", "/no/such/file"), "cannot be read"),
        (("verify", "--certificate", "/no/such/file"), "expected a certificate"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(run: Run, words: tuple[str, ...], says: str) -> None:
    code, _, err = run(*words)
    assert code == 1
    assert says in err


def test_without_a_database_none_is_made(run: Run, data: Path) -> None:
    (data / "wardlink.sqlite").rename(data / "elsewhere.sqlite")
    code, _, err = run("show")
    assert code == 1
    assert "--config" in err
    assert not (data / "wardlink.sqlite").exists()


def test_the_heads_folder_can_be_on_another_disk(tmp_path: Path) -> None:
    file = tmp_path / "controller.toml"
    file.write_text('[audit]\nheads = "other-disk"\nsyslog = "logs.example:6514"\n')
    loaded = load(file)
    assert loaded.audit.heads == tmp_path / "other-disk"
    file.write_text('[audit]\nsyslog = "logs.example"\n')
    with pytest.raises(Exception, match="HOST:PORT"):
        load(file)

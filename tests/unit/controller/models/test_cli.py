"""`wardlink model` as a person uses it: train, show, check; errors are sentences."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.models import drift
from controller.models.cli import app
from controller.models.cohort import write
from tests.support.models import cohort


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "cohort", cohort())
    (tmp_path / "controller.toml").write_text("")
    return tmp_path


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


def test_a_model_is_trained_shown_and_checked(folder: Path) -> None:
    out, there = folder / "out", ("--cohort", folder / "cohort")
    code, said = run("train", out, *there, "--date", "2026-11-27", "--seed", 2)
    assert (code, "simulated data" in said) == (0, True)
    report = (out / "report.md").read_text(encoding="utf-8")
    assert said.splitlines()[0] in report
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["model"]["date"] == "2026-11-27"
    code, shown = run("show", out / "model.json")
    assert code == 0
    assert "trained on simulated data – for trial only" in shown
    assert "respiration_per_h" in shown
    assert shown.count(" patients, ") == 1
    code, checked = run(
        "check", "--model", out / "model.json", *there, "--config", folder / "controller.toml"
    )
    assert (code, "moved (index > 0.25): nothing" in checked) == (0, True)
    assert drift.kept(folder / "controller-data") is None  # of the lake alone is told to Prometheus


def test_what_is_missing_is_said_in_a_sentence(folder: Path) -> None:
    config = ("--config", folder / "controller.toml")
    assert "expected --cohort, or --events" in run("train", folder / "out", *config)[1]
    assert "which model is to be checked?" in run("check", *config)[1]
    assert "cannot be read" in run("show", folder / "none.json")[1]
    named = run("train", folder / "out", "--cohort", folder / "cohort", "--name", "My Model")
    assert (named[0], "expected a name" in named[1]) == (1, True)
    (folder / "events.csv").write_text("patient,utc,kind\n")
    listed = ("--events", folder / "events.csv")
    assert "there is no lake yet" in run("train", folder / "out", *listed, *config)[1]


def test_without_the_extra_it_says_what_to_install(folder: Path) -> None:
    hidden = "import sys; sys.modules['sklearn'] = None; from controller.models.cli import app; app()"
    words = ("train", folder / "out", "--cohort", folder / "cohort")
    done = subprocess.run([sys.executable, "-c", hidden, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert "this needs sklearn" in said
    assert "pip install 'wardlink[data]'" in said

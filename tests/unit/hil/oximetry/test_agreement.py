"""Bias, limits of agreement and accuracy; recordings with what another oximeter showed."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hil.oximetry import __main__ as command
from hil.oximetry.agreement import Agreement
from hil.oximetry.finger import Conditions, Finger
from hil.oximetry.recorded import compared, shown
from hil.oximetry.trials import TRIALS


def test_bias_limits_and_accuracy_are_those_of_bland_and_altman() -> None:
    agreement = Agreement.of([1.0, 3.0, 1.0, 3.0], asked=8)
    assert (agreement.asked, agreement.given, agreement.bias) == (8, 4, 2.0)
    assert (agreement.low, agreement.high) == pytest.approx((0.04, 3.96))
    assert agreement.accuracy == pytest.approx(5**0.5)


def test_without_a_number_there_is_nothing_to_agree() -> None:
    assert str(Agreement.of([], asked=5)) == "none of 5"


def recording(folder: Path, spo2: float, pulse: float) -> None:
    """A synthetic finger in the files' format."""
    head = "registers\nstart time,1596744215104\ntimestamp,sampleNum,a,b,c,LEDC1,LEDC2,LEDC3,ACCX\n"
    finger = Finger(Conditions(spo2=spo2, rate=pulse, noise_counts=2), 1, 8.0)
    rows = [f"{n},{n},0,0,0,{ir}.0,{red}.0,1162.0,0\n" for n, (red, ir) in enumerate(finger.samples(64))]
    folder.joinpath(f"1556-{spo2:.0f}-{pulse:.0f}_.csv").write_text(head + "".join(rows))


def test_recordings_are_read_with_what_their_names_tell(tmp_path: Path) -> None:
    recording(tmp_path, 80, 79)
    (one,) = shown(tmp_path)
    assert (one.spo2, one.pulse) == (80, 79)
    assert one.said is not None and one.said.pulse == pytest.approx(790, abs=20)


def test_a_recording_that_is_too_short_is_one_without_a_number(tmp_path: Path) -> None:
    recording(tmp_path, 90, 70)
    tmp_path.joinpath("1600-75-81.csv").write_text("timestamp\n")
    spo2, pulse = compared(tmp_path)
    assert (spo2.asked, spo2.given, pulse.given) == (2, 1, 1)


def test_the_command_prints_a_line_for_each_kind_of_finger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "TRIALS", TRIALS[8:9])
    app = typer.Typer()
    app.command()(command.main)
    said = CliRunner().invoke(app, [])
    assert said.exit_code == 0
    assert "no pulse, still" in said.output and "none of 408" in said.output

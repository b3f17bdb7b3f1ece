"""A look is a process of its own: whatever it does, it is ended, and what became of it is told."""

import os
import sys
from pathlib import Path

import pytest

from controller.imaging.errors import PluginFailed
from controller.imaging.plugins.queue import Job
from controller.imaging.plugins.running import Runner

HOSTILE = Path(__file__).parents[4] / "support" / "hostile_plugin.py"


def job(kind: str = "lab-result") -> Job:
    return Job(1, "wardlink-laboratory-checks", "1.0", "results", kind, {}, 0, 1)


def hostile(how: str, began: Path, longest_s: float = 60) -> Runner:
    return Runner((sys.executable, "-P", str(HOSTILE), how, str(began)), longest_s)


def is_running(began: Path) -> bool:
    try:
        os.kill(int(began.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


async def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with pytest.raises(PluginFailed, match="did not answer within 3 s"):
        await hostile("hang", began, 3).look(job(), b"x" * 10_000_000)
    assert not is_running(began)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("crash", "status -11"),
        ("raise", r"status 1 \(ValueError\)$"),
        ("nonsense", "without an answer"),
    ],
)
async def test_one_that_crashes_or_babbles_is_told_without_what_is_of_a_patient(
    how: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(PluginFailed, match=said) as told:
        await hostile(how, tmp_path / "began").look(job(), b"")
    assert "Muster" not in str(told.value)


async def test_the_real_worker_looks_and_answers() -> None:
    content = b"""{"others": [], "result": {"loinc": "2823-3", "value": "7.1", "unit": "mmol/L",
      "specimen": "S1", "at_s": 0}}"""
    told = await Runner().look(job(), content)
    [finding] = told["findings"]
    assert finding["code"]["value"] == "HH"
    assert "report" not in told


async def test_what_the_real_worker_cannot_read_is_an_answer_not_a_crash() -> None:
    assert "unreadable" in await Runner().look(job(), b"[]")

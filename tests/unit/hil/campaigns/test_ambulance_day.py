"""The ambulance's campaign says what it left out."""

import os
from pathlib import Path

import pytest

from hil.campaigns import ambulance_day


def test_without_root_the_real_time_is_left_out_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    said: list[str] = []
    verdict = ambulance_day.run(tmp_path, 1, 0, said.append)
    assert said == ["real time: left out: it needs root, for a network and a small box of its own"]
    assert "needs root" in verdict.facts["real time"]
    assert verdict.rounds == []
    assert not verdict.passed

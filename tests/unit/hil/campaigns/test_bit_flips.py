"""Flipped bits in a journal of all lanes."""

from pathlib import Path

import pytest

from gateway.journal import frames
from hil.campaigns.bit_flips import run


def test_a_flipped_bit_costs_at_most_the_block_it_hits_and_is_always_told(tmp_path: Path) -> None:
    verdict = run(tmp_path, seed=5, rounds=1, say=print, commits=5)
    assert verdict.passed, verdict.lines()
    assert verdict.counted == len(verdict.rounds) > 1000


def test_a_journal_that_does_not_check_its_bodies_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = frames._frame_at

    def credulous(data: bytes, place: int) -> frames.Found | None:
        header = frames._header_at(data, place)
        if header is None or header[1] > len(data):
            return checked(data, place)
        return frames.Found(header[0], place + frames.HEADER, header[1])

    monkeypatch.setattr(frames, "_frame_at", credulous)
    verdict = run(tmp_path, seed=5, rounds=1, say=print, commits=1)
    assert any("wrong: " in problem for problem in verdict.problems)


def test_a_journal_that_takes_damage_for_a_torn_end_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "_is_torn", lambda data, place: True)
    verdict = run(tmp_path, seed=5, rounds=1, say=print, commits=1)
    assert any("lost and not told" in problem for problem in verdict.problems)

"""The recordings are what SOURCES.md says, and loop without a jump."""

import hashlib
import json
from importlib import resources
from itertools import pairwise

import pytest

from hil.sims.beats import find_beats
from hil.sims.recordings import Recording, recordings
from hil.sims.recordings.make import loop_beats

FOLDER = resources.files("hil.sims.recordings")
each = pytest.mark.parametrize("recording", recordings().values(), ids=lambda r: r.name)


def test_every_file_has_the_hash_that_the_index_gives() -> None:
    index = json.loads(FOLDER.joinpath("index.json").read_text())
    for entry in index.values():
        assert hashlib.sha256(FOLDER.joinpath(entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_recording_is_cited_with_its_source_and_licence() -> None:
    sources = FOLDER.joinpath("SOURCES.md").read_text()
    for entry in json.loads(FOLDER.joinpath("index.json").read_text()).values():
        assert entry["file"] in sources
        assert entry["made_from"]["file"] in sources
    assert "MIT License" in sources


@each
def test_the_stored_beats_are_those_of_the_samples(recording: Recording) -> None:
    assert list(recording.beats) == loop_beats(list(recording.samples))


@each
def test_the_beats_are_regular_over_the_seam_of_the_loop(recording: Recording) -> None:
    turn = len(recording.samples)
    beats = [*recording.beats, recording.beats[0] + turn]
    intervals = [later - earlier for earlier, later in pairwise(beats)]
    mean = turn / len(recording.beats)
    assert all(0.7 * mean < interval < 1.4 * mean for interval in intervals)


@each
def test_the_end_joins_the_beginning_without_a_jump(recording: Recording) -> None:
    steps = [abs(b - a) for a, b in pairwise(recording.samples)]
    assert abs(recording.samples[-1] - recording.samples[0]) <= max(steps)


@each
def test_it_is_read_between_samples_and_again_after_a_turn(recording: Recording) -> None:
    assert recording.at(0.0) == recording.samples[0] / 65535
    assert recording.at(recording.length_s + 1.5) == pytest.approx(recording.at(1.5))
    half = 0.5 / recording.rate_hz
    assert recording.at(half) == pytest.approx((recording.samples[0] + recording.samples[1]) / 2 / 65535)


def test_beats_are_found_where_they_were_put() -> None:
    at = [75, 150, 210, 290, 360, 440]
    pulse = [max(0.0, 1 - abs(i - 8) / 8) for i in range(16)]
    signal = [0.0] * 520
    for beat in at:
        signal[beat - 8 : beat + 8] = pulse
    assert find_beats(signal, 75) == at

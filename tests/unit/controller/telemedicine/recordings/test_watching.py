"""controller/telemedicine/recordings/watching.py: a chain that is whole, and one that is not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import Conflict
from controller.security.sealing import Sealing
from controller.telemedicine.recordings.vault import Vault
from controller.telemedicine.recordings.watching import Gap
from controller.telemedicine.recordings.webm import with_duration
from tests.unit.controller.telemedicine.recordings.conftest import CHUNK_MS, LATE_MS, STARTED_MS, Kept
from tests.unit.controller.telemedicine.recordings.test_webm import CLUSTER, HEAD


def spans(kept: Kept) -> list[tuple[int, int, int]]:
    return [(one.run, *one.span) for one in kept.look().stretches]


def test_what_is_whole_plays_as_it_was_recorded_with_its_length(kept: Kept) -> None:
    found = kept.look()
    assert (found.gaps, found.is_cut) == ((), False)
    assert spans(kept) == [(1, 0, 9500), (2, 0, 3500)]
    head = with_duration(HEAD, 9500)
    assert kept.play(0) == head + b"".join(kept.plain[:4]).removeprefix(HEAD)


def test_its_times_are_the_films_own_and_no_clock_of_a_page_that_had_it_late_moves_them(kept: Kept) -> None:
    kept.file(2).unlink()
    found = kept.look()
    assert kept.chunks[2].from_ms == STARTED_MS + 2 * CHUNK_MS + LATE_MS
    assert [one.from_ms for one in found.stretches if one.run == 1] == [0, 6500]
    assert found.begins == {1: STARTED_MS, 2: STARTED_MS}
    kept.chunks = [replace(one, from_ms=one.from_ms * 3, to_ms=one.to_ms * 3) for one in kept.chunks]
    assert kept.look().stretches == ()  # the sealed times are proved with the rest of its place


def test_what_is_lost_before_a_run_is_said_although_nobody_knows_how_much(kept: Kept) -> None:
    del kept.chunks[3]
    assert kept.look().gaps == (Gap(2, 0, 3500, "missing"),)
    assert kept.look().begins[2] == 0


def test_a_head_may_be_in_several_chunks_and_one_without_a_picture_is_not_played(kept: Kept) -> None:
    whole = b"".join(kept.plain[4:])
    tiny = Kept(kept.vault, kept.recording, [], [])
    tiny.put(whole[:1], whole[1:90], whole[90:])
    assert tiny.play(0) == with_duration(HEAD, 3500) + whole.removeprefix(HEAD)
    tiny.chunks = tiny.chunks[:2]
    assert (tiny.look().stretches, tiny.look().gaps) == ((), (Gap(1, 0, 2 * CHUNK_MS + LATE_MS, "missing"),))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_range_of_bytes_is_that_of_the_whole(kept: Kept, data: st.DataObject) -> None:
    kept.file(2).unlink(missing_ok=True)
    index = data.draw(st.integers(0, len(kept.look().stretches) - 1))
    whole, film = kept.play(index), kept.film(index)
    start = data.draw(st.integers(0, film.size))
    stop = data.draw(st.integers(start, film.size))
    assert b"".join(film.read(start, stop)) == whole[start:stop]


@pytest.mark.parametrize("why", ["missing", "altered"])
def test_a_chunk_that_is_missing_or_altered_is_said_with_its_time_and_the_rest_plays(
    kept: Kept, why: str
) -> None:
    if why == "missing":
        kept.file(2).unlink()
    else:
        whole = kept.file(2).read_bytes()
        kept.file(2).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert kept.look().gaps == (Gap(1, 0, 6500, why),)  # type: ignore[arg-type]
    assert spans(kept) == [(1, 0, 0), (1, 6500, 9500), (2, 0, 3500)]
    after = kept.play(1)
    assert after.startswith(with_duration(HEAD, 9500))
    assert b"rest of a picture" not in after[: len(HEAD) + 40]
    assert after.endswith(kept.plain[3])


def test_without_a_whole_picture_after_a_gap_it_lasts_until_the_end(kept: Kept) -> None:
    kept.put(HEAD + CLUSTER, b"gone", b"the rest of a picture")
    kept.file(8).unlink()
    gap = Gap(3, 0, 3 * CHUNK_MS + LATE_MS, "missing")
    assert [one for one in kept.look().gaps if one.run == 3] == [gap]


def test_gaps_that_follow_each_other_are_one(kept: Kept) -> None:
    for n in (2, 3):
        kept.file(n).unlink()
    assert kept.look().gaps == (Gap(1, 0, 3 * CHUNK_MS + 500, "missing"),)


def test_without_the_begin_of_a_run_another_runs_begin_stands_for_it(kept: Kept) -> None:
    kept.file(1).unlink()
    assert kept.play(0).startswith(with_duration(HEAD, 9500))
    whole = b"".join(kept.plain[4:])
    kept.put(whole[:1], whole[1:])  # its head is in two chunks, of which one is lost
    kept.file(8).unlink()
    assert kept.play(0).startswith(with_duration(HEAD, 9500))
    kept.file(5).unlink()
    with pytest.raises(Conflict, match="begin of a run"):
        kept.play(0)


def test_chunks_that_changed_places_or_are_another_recordings_are_not_played(
    kept: Kept, another: Callable[[], Kept]
) -> None:
    second, third = kept.file(2).read_bytes(), kept.file(3).read_bytes()
    kept.file(2).write_bytes(third)
    kept.file(3).write_bytes(second)
    assert [one.why for one in kept.look().gaps] == ["altered"]
    kept.file(2).write_bytes(another().file(2).read_bytes())
    kept.file(3).write_bytes(third)
    assert kept.look().gaps == (Gap(1, 0, 2 * CHUNK_MS + 500, "altered"),)


def test_a_row_that_is_lost_with_its_file_is_a_gap_and_a_lost_end_is_said(kept: Kept) -> None:
    del kept.chunks[1]
    assert kept.look().gaps == (Gap(1, 0, 2 * CHUNK_MS + 500, "missing"),)
    assert not kept.look().is_cut
    kept.chunks.pop()
    assert kept.look().is_cut


def test_what_changes_while_it_is_played_is_not_sent(kept: Kept) -> None:
    film = kept.film(0)
    kept.file(3).write_bytes(b"something else")
    with pytest.raises(Conflict, match="not sealed for this place"):
        list(film.read(0, film.size))


def test_a_recording_of_a_page_that_crashed_plays_until_there(kept: Kept) -> None:
    kept.recording = replace(kept.recording, chunks=None, head=None)
    kept.chunks = kept.chunks[:3]
    assert spans(kept) == [(1, 0, 6500)]
    assert kept.play(0).endswith(kept.plain[2])


def test_the_files_and_the_database_without_the_key_file_open_nothing(kept: Kept) -> None:
    stolen = Vault(kept.vault.objects, Sealing(kept.folder.parent / "another.key"))
    with pytest.raises(Conflict, match="put that file back"):
        stolen.key(kept.recording)
    for n in range(1, 7):
        assert b"picture" not in kept.file(n).read_bytes()


def test_nothing_opens_what_was_erased(kept: Kept) -> None:
    with pytest.raises(Conflict, match="erased"):
        kept.vault.key(replace(kept.recording, key=None))

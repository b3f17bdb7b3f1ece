"""controller/telemedicine/recordings/live.py"""

from dataclasses import replace

import pytest

from controller.errors import Conflict
from controller.steps import check_step
from controller.telemedicine.model import Consent, Word
from controller.telemedicine.recordings.live import Live
from controller.telemedicine.recordings.model import Recording, Whose
from controller.telemedicine.recordings.states import LIVE, RECORDING_STEPS, RecordingState
from controller.telemedicine.rooms.seat import Party, Seat

S = RecordingState
NOW = 1_000_000
RECORDING = Recording(
    1,
    "RC00000001",
    "TV00000001",
    "nina",
    S.ASKED,
    "",
    "video/webm",
    NOW,
    stopped_ms=None,
    why="",
    erase_ms=None,
    chunks=None,
    head=None,
    erased_ms=None,
)
NURSE = Seat(1, b"", Party("nina", "nina", "staff"), NOW)
PATIENT = Seat(2, b"", Party("patient:4711", "Muster, Anna", "patient"), NOW)
GUEST = Seat(3, b"", Party("guest:TV00000001/1", "Wang", "guest"), NOW)
ALL = [NURSE, PATIENT, GUEST]


def consent(said: Word = "permit", at_ms: int = NOW, until_ms: int = NOW + 100) -> Consent:
    return Consent("recording", said, "words", "en", "patient:4711", at_ms, until_ms)


def live(state: RecordingState = S.ASKED, said: Consent | None = None, run: int = 0) -> Live:
    return Live(replace(RECORDING, state=state), Whose("patient:4711", said), seat=1, run=run)


def test_everybody_who_sits_there_and_the_patient_in_any_case_has_to_agree() -> None:
    one = live()
    assert [party.name for party in one.missing(ALL, NOW)] == ["Muster, Anna", "Wang"]
    assert one.missing([NURSE], NOW) == [Party("patient:4711", "", "patient")]
    one.whose = Whose("patient:4711", consent())
    assert one.following([NURSE, PATIENT], NOW) == (S.AGREED, "")
    assert one.following(ALL, NOW) is None
    one.said[GUEST.party.actor] = "permit"
    assert one.following(ALL, NOW) == (S.AGREED, "")
    assert one.following([PATIENT, GUEST], NOW) is None  # whose page is to record, is gone


@pytest.mark.parametrize("said", ["deny", "withdrawn"])
def test_who_says_no_has_not_agreed_whatever_was_said_before(said: Word) -> None:
    one = live(S.AGREED, consent())
    one.said[GUEST.party.actor] = "permit"
    assert one.following(ALL, NOW) is None
    one.said[GUEST.party.actor] = said
    assert one.following(ALL, NOW) is not None


@pytest.mark.parametrize(("run", "state"), [(0, S.ASKED), (1, S.PAUSED)])
def test_who_comes_before_it_ran_is_asked_and_later_pauses_it(run: int, state: RecordingState) -> None:
    one = live(S.AGREED, consent(), run)
    assert one.following(ALL, NOW) == (state, "not-agreed")


def test_it_pauses_for_who_comes_and_when_a_consent_runs_out_and_when_its_page_is_gone() -> None:
    one = live(S.RUNNING, consent(), 1)
    assert one.following([NURSE, PATIENT], NOW + 99) is None
    assert one.following([NURSE, PATIENT], NOW + 100) == (S.PAUSED, "not-agreed")
    assert one.following(ALL, NOW) == (S.PAUSED, "not-agreed")
    assert one.following([PATIENT], NOW) == (S.PAUSED, "page-gone")
    assert one.following([], NOW) == (S.PAUSED, "page-gone")


@pytest.mark.parametrize("state", sorted(LIVE))
def test_a_consent_that_is_taken_back_stops_it_from_everywhere(state: RecordingState) -> None:
    assert live(state, consent("withdrawn"), 1).following([NURSE], NOW) == (S.STOPPED, "taken-back")
    check_step(RECORDING_STEPS, state, S.STOPPED)


def test_what_was_taken_back_of_an_earlier_recording_does_not_stop_this_one() -> None:
    one = live(S.ASKED, consent("withdrawn", NOW - 1))
    assert one.following([NURSE, PATIENT], NOW) is None


def test_the_room_is_told_who_agreed_by_seat_and_who_did_not_by_name() -> None:
    told = live(S.PAUSED, consent(), 1).told(ALL, NOW)
    assert (told["agreed"], told["missing"]) == ([1, 2], [{"name": "Wang", "part": "guest"}])
    assert (told["by"], told["seat"], told["state"]) == ("nina", 1, "paused")


def test_nothing_goes_on_after_it_was_erased_or_kept() -> None:
    for to in set(S) - {S.ERASED}:
        with pytest.raises(Conflict):
            check_step(RECORDING_STEPS, S.ERASED, to)
        if to is not S.KEPT:
            with pytest.raises(Conflict):
                check_step(RECORDING_STEPS, S.KEPT, to)

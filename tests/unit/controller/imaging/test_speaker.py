"""For whom a request by the inner door is made: what is written into headers is what is read from them."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.held import Bed
from controller.imaging.errors import BadSpeaker
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker, speaker_of, spoken_for
from controller.security.permissions import Permission, Role, permissions_of
from controller.security.sessions import State
from controller.security.users import User
from controller.stays import Patient
from controller.view import View

NAMES = st.text(st.characters(min_codepoint=32, exclude_categories=("C", "Z")), min_size=1, max_size=20)
SIGHTS = st.builds(Sight, st.none() | st.frozensets(st.text(max_size=12)), st.booleans())
SPEAKERS = st.builds(
    Speaker,
    NAMES,
    st.sampled_from(["", "10.1.2.3"]),
    st.frozensets(st.sampled_from(Permission).map(str)),
    SIGHTS,
)
BEDS = (
    Bed("a-1", "ward-a", "A 1", Patient("4711", "Anna")),
    Bed("a-2", "ward-a", "A 2", None),
    Bed("b-1", "ward-b", "B 1", Patient("4712", "Berta")),
    Bed("b-2", "ward-b", "B 2", Patient("4713", "Carla")),
)


@dataclass(frozen=True)
class Session:
    """As the gate finds it."""

    user: User
    view: View
    state: State = State.OPEN

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.user.roles)


@given(SPEAKERS)
def test_a_speaker_is_read_from_the_headers_that_it_gives(speaker: Speaker) -> None:
    assert spoken_for(speaker.headers()) == speaker


@given(SPEAKERS)
def test_no_header_has_more_than_one_line(speaker: Speaker) -> None:
    assert not any("\n" in text or "\r" in text for text in speaker.headers().values())


def test_who_names_no_patients_sees_everybodys_and_who_names_an_empty_list_nobodys() -> None:
    assert spoken_for({"Wardlink-Actor": "ae:CT1"}).sight == Sight(None)
    assert spoken_for({"Wardlink-Actor": "ae:CT1", "Wardlink-Patients": "[]"}).sight == Sight(frozenset())


@pytest.mark.parametrize(
    "headers",
    [{}, {"Wardlink-Actor": ""}]
    + [
        {"Wardlink-Actor": "a", "Wardlink-Patients": text}
        for text in ("", "4711", '"4711"', "[1]", "{}", "[")
    ],
)
def test_a_request_that_does_not_say_for_whom_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSpeaker, match="expected"):
        spoken_for(headers)


def test_a_nurse_sees_the_images_of_the_patients_on_the_beds_of_her_wards() -> None:
    nurse = Session(User("anna", frozenset({Role.NURSE})), View(frozenset({"ward-a"})))
    assert speaker_of(nurse, "10.0.0.1", BEDS).sight == Sight(frozenset({"4711"}))


def test_whoever_broke_the_glass_sees_that_patients_images_too() -> None:
    nurse = Session(User("anna", frozenset({Role.NURSE})), View(frozenset({"ward-a"}), frozenset({"4712"})))
    assert speaker_of(nurse, "10.0.0.1", BEDS).sight == Sight(frozenset({"4711", "4712"}))


def test_radiology_sees_everybodys_images_and_those_in_doubt() -> None:
    radiographer = Session(User("rita", frozenset({Role.RADIOLOGY})), View())
    speaker = speaker_of(radiographer, "10.0.0.1", BEDS)
    assert speaker.sight == Sight(None, held=True)
    assert {"imaging:read", "imaging:write", "imaging:manage"} <= speaker.permissions

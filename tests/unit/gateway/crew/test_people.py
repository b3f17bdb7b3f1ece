"""Who is let in at the crew's page, and what keeps a short PIN from being guessed."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import Instant
from gateway.crew.people import People, check_pin
from gateway.crew.throttle import FREE, FREE_IN_ALL, LONGEST_S, Throttle
from gateway.errors import PinWeak

PIN = "739105"
S = 1_000_000_000


@pytest.mark.parametrize(
    "pin",
    ["", "73910", "7391051739105", "73910a", "٧٣٩١٠٥", "000000", "123456", "987654", "890123", "121212"],
)
def test_a_pin_that_is_too_short_or_guessed_at_once_is_refused(pin: str) -> None:
    with pytest.raises(PinWeak):
        check_pin(pin)


@given(st.from_regex(r"[0-9]{6,12}", fullmatch=True))
def test_nearly_every_other_pin_will_do(pin: str) -> None:
    steps = {(int(pin[n + 1]) - int(pin[n])) % 10 for n in range(len(pin) - 1)}
    if len(steps) > 1 and len(set(pin)) >= 3:
        check_pin(pin)


async def test_only_the_pin_of_that_name_matches(tmp_path: Path) -> None:
    people = People(tmp_path / "crew")
    people.put("kim", PIN)
    people.put("金", "582046")
    assert await people.matches("kim", PIN)
    assert await people.matches("金", "582046")
    assert not await people.matches("kim", "582046")
    assert not await people.matches("nobody", PIN)
    assert people.names == ["kim", "金"]


async def test_the_file_says_no_pin_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    people = People(tmp_path / "crew")
    people.put("kim", PIN)
    assert PIN not in people.path.read_text(encoding="utf-8")
    assert stat.S_IMODE(people.path.stat().st_mode) == 0o600
    assert json.loads(people.path.read_bytes())["kim"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_name_that_nobody_has_is_hashed_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of the answer would say who there is."""
    people = People(tmp_path / "crew")
    people.put("kim", PIN)
    verified: list[str] = []

    class Watched:
        def hash(self, pin: str) -> str:
            return f"hash of {pin}"

        def verify(self, held: str, pin: str) -> bool:
            verified.append(held)
            return True

    monkeypatch.setattr("gateway.crew.people._hasher", Watched())
    assert not await people.matches("nobody", PIN)
    assert len(verified) == 1


async def test_what_another_process_changed_holds_at_once(tmp_path: Path) -> None:
    box, tool = People(tmp_path / "crew"), People(tmp_path / "crew")
    tool.put("kim", PIN)
    assert await box.matches("kim", PIN)
    mark = box.mark("kim")
    tool.put("kim", "582046")
    box.load()
    assert box.mark("kim") not in (None, mark)
    assert tool.remove("kim")
    assert not tool.remove("kim")
    box.load()
    assert box.mark("kim") is None


@pytest.mark.parametrize("name", ["", " kim", "kim ", "a" * 101, "ki\nm"])
def test_a_name_is_one_line_without_spaces_around_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(PinWeak):
        People(tmp_path / "crew").put(name, PIN)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"kim": 5}'])
async def test_nobody_is_let_in_by_a_damaged_file(tmp_path: Path, content: str) -> None:
    people = People(tmp_path / "crew")
    people.put("kim", PIN)
    people.path.write_text(content, encoding="utf-8")
    assert not await people.matches("kim", PIN)


async def test_a_file_that_others_can_read_lets_nobody_in(tmp_path: Path) -> None:
    people = People(tmp_path / "crew")
    people.put("kim", PIN)
    people.path.chmod(0o644)
    people.path.write_bytes(people.path.read_bytes() + b" ")
    assert not await people.matches("kim", PIN)


# the throttle


def guesses(throttle: Throttle, seconds: int, name: str = "kim") -> int:
    """How many tries there are in so many seconds for somebody who tries as fast as they may."""
    done = 0
    for second in range(seconds):
        while not throttle.wait_s(name, Instant(second * S)):
            throttle.tried(name, Instant(second * S))
            done += 1
    return done


def test_one_name_can_be_tried_hardly_once_a_minute() -> None:
    an_hour = guesses(Throttle(), 3600)
    assert FREE + 3600 // LONGEST_S <= an_hour <= FREE + 3600 // LONGEST_S + 10


def test_trying_many_names_is_no_faster_than_one() -> None:
    throttle, done = Throttle(), 0
    for second in range(3600):
        name = f"name-{second}"
        if not throttle.wait_s(name, Instant(second * S)):
            throttle.tried(name, Instant(second * S))
            done += 1
    assert done <= FREE_IN_ALL + 3600 // LONGEST_S + 10


def test_a_right_pin_forgets_the_failures_of_its_name_only() -> None:
    throttle, now = Throttle(), Instant(S)
    for name in ("kim", "kim", "kim", "jo", "jo", "jo"):
        throttle.tried(name, now)
    throttle.succeeded("kim")
    assert throttle.wait_s("kim", now) == 0
    assert throttle.wait_s("jo", now) > 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 100), st.booleans())))
def test_nobody_waits_longer_than_a_minute(tries: list[tuple[str, int, bool]]) -> None:
    throttle, now = Throttle(), 0
    for name, gap, is_right in tries:
        now += gap
        if not throttle.wait_s(name, Instant(now * S)):
            throttle.tried(name, Instant(now * S))
            if is_right:
                throttle.succeeded(name)
        assert 0 <= throttle.wait_s(name, Instant(now * S)) <= LONGEST_S

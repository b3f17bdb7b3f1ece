"""Badges and PINs: who stands there, and how little is kept of what they show."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.errors import BadAccount, Conflict, NotFound, NotProved
from controller.security.accounts import By
from controller.security.badges import Badges, Held, Shown
from controller.security.passwords import Passwords
from controller.security.permissions import Role
from controller.security.sealing import Sealing
from controller.security.throttle import FREE, Throttle
from controller.security.users import set_password
from controller.store import Store
from tests.support.controller import PASSWORD, quick_passwords
from tests.unit.controller.conftest import TestClock

NINA, ADMIN = By("nina", "10.0.0.5"), By("admin", "10.0.0.9")
WHERE = "robot:R1"


class Here:
    """Badges on a real database."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, TestClock()
        key = Sealing(store.folder / "keys" / "second-factor.key")
        self.badges = Badges(store, self.clock, Passwords(), Throttle(self.clock), key)

    async def dump(self) -> str:
        tables = ("user_pin", "user_badge", "audit")
        return str([tuple(row) for one in tables for row in await self.store.read(f"SELECT * FROM {one}")])


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    made = Here(store)
    with quick_passwords():
        for name in ("nina", "nick"):
            await set_password(store, made.clock, name, PASSWORD, Role.NURSE)
        yield made
    await store.close()


async def test_a_badge_or_a_name_with_its_pin_shows_who_that_is(here: Here) -> None:
    await here.badges.enrol("nina", "04A2F1C9", ADMIN)
    await here.badges.set_pin("nina", "4713", NINA)
    for shown, how in (
        (Shown(badge="04A2F1C9"), "badge"),
        (Shown("nina", pin="4713"), "pin"),
        (Shown("nina", password=PASSWORD), "login"),
    ):
        known = await here.badges.who(shown, WHERE)
        assert (known.user.name, known.how) == ("nina", how)


async def test_it_is_known_since_when_somebody_has_a_badge_or_a_pin_and_when_it_was_last_used(
    here: Here,
) -> None:
    at_ms = here.clock.now_us() // 1000
    await here.badges.enrol("nina", "04A2F1C9", ADMIN)
    await here.badges.set_pin("nina", "4713", NINA)
    assert await here.badges.held("nina") == Held(at_ms, None, at_ms, None, "admin")
    here.clock.at_us += 5_000_000
    await here.badges.who(Shown(badge="04A2F1C9"), WHERE)
    with pytest.raises(NotProved):
        await here.badges.who(Shown("nina", pin="9999"), WHERE)
    everybody = await here.badges.all_held()
    assert everybody == {"nina": Held(at_ms, None, at_ms, at_ms + 5000, "admin"), "nick": Held()}
    await here.badges.enrol("nina", "04A2F1CB", NINA)
    assert (await here.badges.held("nina")).badge_used_ms is None
    await here.badges.forget_badge("nina", ADMIN)
    await here.badges.forget_pin("nina", ADMIN)
    assert await here.badges.held("nina") == await here.badges.held("nobody") == Held()


async def test_neither_pin_nor_badge_is_kept_in_a_form_that_can_be_shown(here: Here) -> None:
    await here.badges.enrol("nina", "04A2F1C9", ADMIN)
    await here.badges.set_pin("nina", "471369", NINA)
    kept = await here.dump()
    assert "04A2F1C9" not in kept
    assert "471369" not in kept
    assert "$argon2id$" in kept
    other = Sealing(here.store.folder / "keys" / "other.key")
    stolen = Badges(here.store, here.clock, Passwords(), Throttle(here.clock), other)
    with pytest.raises(NotProved):  # the database alone finds nobody: the key is not in it
        await stolen.who(Shown(badge="04A2F1C9"), WHERE)


@pytest.mark.parametrize(
    ("why", "pins"),
    [
        ("not 4 to 8 digits", ["", "123", "123456789", "12a4", "٤٧١٣"]),
        ("all digits are the same", ["0000", "77777777"]),
        ("it is a run", ["1234", "8765", "7890", "098765"]),
        ("the same digits come again", ["1212", "471471", "24682468"]),
    ],
)
async def test_a_pin_that_anybody_guesses_first_is_refused_with_the_reason(
    here: Here, why: str, pins: list[str]
) -> None:
    for pin in pins:
        with pytest.raises(BadAccount, match=f"4 to 8 digits that nobody guesses first: .*{why}"):
            await here.badges.set_pin("nina", pin, NINA)


async def test_wrong_tries_are_slowed_told_to_the_trail_and_end_with_a_right_one(here: Here) -> None:
    await here.badges.set_pin("nina", "4713", NINA)
    for _ in range(FREE):
        with pytest.raises(NotProved, match="is nobody's"):
            await here.badges.who(Shown("nina", pin="9999"), WHERE)
    with pytest.raises(NotProved, match="try again in"):
        await here.badges.who(Shown("nina", pin="4713"), WHERE)
    assert (await here.dump()).count('"action":"proof-refused"') == FREE
    here.clock.at_us += 61_000_000
    assert (await here.badges.who(Shown("nina", pin="4713"), WHERE)).user.name == "nina"


async def test_a_lost_badge_and_a_person_who_is_shut_out_show_nobody(here: Here) -> None:
    await here.badges.enrol("nina", "04A2F1C9", ADMIN)
    await here.badges.enrol("nick", "04A2F1CA", ADMIN)
    with pytest.raises(Conflict, match="another person's"):
        await here.badges.enrol("nick", "04A2F1C9", ADMIN)
    await here.badges.forget_badge("nina", ADMIN)
    await here.store.write(lambda db: db.execute("UPDATE user SET disabled_ms = 1 WHERE name = 'nick'"))
    for token in ("04A2F1C9", "04A2F1CA"):
        with pytest.raises(NotProved, match="is nobody's"):
            await here.badges.who(Shown(badge=token), WHERE)
    with pytest.raises(NotFound, match="no person"):
        await here.badges.enrol("nobody", "04A2F1CB", ADMIN)
    with pytest.raises(NotProved):
        await here.badges.who(Shown("nobody", pin="4713"), "robot:R2")

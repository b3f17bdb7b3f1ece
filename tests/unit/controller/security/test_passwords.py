"""Passwords: a hash for each, and one of nobody's that costs as much to check."""

from argon2 import extract_parameters

from controller.security import passwords
from controller.security.passwords import Passwords


async def test_only_the_password_that_made_a_hash_matches_it() -> None:
    some = Passwords()
    stored = await some.hash("one password")
    assert await some.matches(stored, "one password")
    assert not await some.matches(stored, "another password")


async def test_nobodys_hash_matches_nothing_and_costs_what_any_other_costs() -> None:
    some = Passwords()
    assert not await some.matches(None, "one password")
    stored = await some.hash("one password")
    assert extract_parameters(passwords._NOBODY) == extract_parameters(stored)

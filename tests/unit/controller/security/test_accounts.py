"""Accounts: one-time passwords, roles, wards, and who may take what from whom."""

import json
import re

import pytest

from controller.errors import BadAccount, Conflict, NotFound
from controller.security.accounts import ONCE_MS, Accounts, By, one_time_password, wards_for
from controller.security.passwords import Passwords
from controller.security.permissions import Role
from controller.security.users import check_password, find_account
from controller.store import Store
from tests.unit.controller.conftest import TestClock

ADMIN = By("admin", "10.0.0.1")


async def is_right(store: Store, clock: TestClock, name: str, password: str) -> bool:
    return await check_password(store, Passwords(), clock, name, password) is not None


async def audited(store: Store) -> list[dict[str, object]]:
    return [json.loads(row["entry"]) for row in await store.read("SELECT entry FROM audit ORDER BY number")]


async def test_a_new_person_has_roles_wards_and_a_password_for_one_day(
    store: Store, clock: TestClock, accounts: Accounts
) -> None:
    password = await accounts.create("anna", [Role.NURSE], ["w-1"], ADMIN)
    account = await find_account(store, "anna")
    assert account is not None
    assert (account.user.roles, account.user.wards) == ({Role.NURSE}, {"w-1"})
    assert account.once_until_ms is not None
    assert await is_right(store, clock, "anna", password)
    clock.at_us += ONCE_MS * 1000
    assert not await is_right(store, clock, "anna", password)


async def test_a_password_of_one_s_own_lasts(store: Store, clock: TestClock, accounts: Accounts) -> None:
    once = await accounts.create("anna", [Role.NURSE], None, ADMIN)
    await accounts.choose_password("anna", "my very own words", By("anna"))
    clock.at_us += 10 * ONCE_MS * 1000
    assert await is_right(store, clock, "anna", "my very own words")
    assert not await is_right(store, clock, "anna", once)


async def test_a_reset_makes_the_old_password_wrong(
    store: Store, clock: TestClock, accounts: Accounts
) -> None:
    old = await accounts.create("anna", [Role.NURSE], None, ADMIN)
    new = await accounts.reset("anna", ADMIN)
    assert not await is_right(store, clock, "anna", old)
    assert await is_right(store, clock, "anna", new)


async def test_who_is_disabled_has_no_right_password_until_enabled(
    store: Store, clock: TestClock, accounts: Accounts
) -> None:
    password = await accounts.create("anna", [Role.NURSE], None, ADMIN)
    await accounts.set_disabled("anna", ADMIN, disabled=True)
    assert not await is_right(store, clock, "anna", password)
    await accounts.set_disabled("anna", ADMIN, disabled=False)
    assert await is_right(store, clock, "anna", password)


async def test_nobody_shuts_themselves_out_so_one_administrator_stays(accounts: Accounts) -> None:
    await accounts.create("admin", [Role.ADMINISTRATOR], None, ADMIN)
    with pytest.raises(Conflict, match="another administrator"):
        await accounts.set_disabled("admin", ADMIN, disabled=True)
    with pytest.raises(Conflict, match="another administrator"):
        await accounts.change("admin", [Role.NURSE], None, ADMIN)


async def test_a_name_is_one_person_s(accounts: Accounts) -> None:
    await accounts.create("anna", [Role.NURSE], None, ADMIN)
    with pytest.raises(Conflict, match="choose another"):
        await accounts.create("anna", [Role.ENGINEER], None, ADMIN)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 65])
async def test_a_name_that_nobody_could_type_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadAccount, match="user name"):
        await accounts.create(name, [Role.NURSE], None, ADMIN)


async def test_what_is_said_twice_counts_once(store: Store, accounts: Accounts) -> None:
    await accounts.create("anna", [Role.NURSE, Role.NURSE], ["w-1", "w-1"], ADMIN)
    account = await find_account(store, "anna")
    assert account is not None
    assert (account.user.roles, account.user.wards) == ({Role.NURSE}, {"w-1"})
    assert (await audited(store))[0]["detail"] == {"roles": "nurse", "wards": "w-1"}


async def test_an_unknown_ward_leaves_no_half_made_account(store: Store, accounts: Accounts) -> None:
    with pytest.raises(NotFound, match="there are: w-1, w-2"):
        await accounts.create("anna", [Role.NURSE], ["w-9"], ADMIN)
    assert await find_account(store, "anna") is None
    assert await audited(store) == []


async def test_whoever_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    for call in (
        accounts.change("nobody", [Role.NURSE], None, ADMIN),
        accounts.reset("nobody", ADMIN),
        accounts.set_disabled("nobody", ADMIN, disabled=True),
        accounts.forget_second_factor("nobody", ADMIN),
    ):
        with pytest.raises(NotFound, match="no person"):
            await call


async def test_every_change_is_audited_with_who_made_it_and_no_password(
    store: Store, accounts: Accounts, ended: list[None]
) -> None:
    secrets = [await accounts.create("anna", [Role.NURSE], ["w-1"], ADMIN)]
    await accounts.change("anna", [Role.PHYSICIAN], ["w-2"], ADMIN)
    secrets.append(await accounts.reset("anna", ADMIN))
    await accounts.set_disabled("anna", ADMIN, disabled=True)
    await accounts.forget_second_factor("anna", ADMIN)
    entries = await audited(store)
    actions = [entry["action"] for entry in entries]
    assert actions == [
        *("account-created", "account-changed", "password-reset", "account-disabled"),
        "second-factor-forgotten",
    ]
    assert {(one["actor"], one["where"], one["entity"]) for one in entries} == {
        ("admin", "10.0.0.1", "user/anna")
    }
    assert entries[1]["detail"] == {"roles": "physician", "wards": "w-2"}
    assert not any(secret in json.dumps(entries) for secret in secrets)
    assert len(ended) == 4  # all but making it end sessions


async def test_the_same_person_can_be_given_a_password_at_every_start_of_a_demo(
    store: Store, clock: TestClock, accounts: Accounts
) -> None:
    first = await accounts.hand_out("anna", [Role.NURSE], ["w-1"], ADMIN)
    second = await accounts.hand_out("anna", [Role.NURSE], ["w-1"], ADMIN)
    assert not await is_right(store, clock, "anna", first)
    assert await is_right(store, clock, "anna", second)


def test_one_time_passwords_are_read_out_without_mistakes_and_never_twice_the_same() -> None:
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN, Role.VIEWER, Role.CREW])
def test_people_at_the_bed_need_wards_or_the_word_all(role: Role) -> None:
    assert wards_for([role], [], everywhere=True) is None
    assert wards_for([role], ["w-1"], everywhere=False) == ["w-1"]
    for roles in ([role], [role, Role.ENGINEER]):
        with pytest.raises(BadAccount, match=f"{role.value}, got none"):
            wards_for(roles, [], everywhere=False)


def test_others_have_all_wards_unless_some_are_given() -> None:
    assert wards_for([Role.ENGINEER], [], everywhere=False) is None
    assert wards_for([Role.ENGINEER], ["w-1"], everywhere=False) == ["w-1"]


def test_some_and_all_at_once_is_a_mistake() -> None:
    with pytest.raises(BadAccount, match="both"):
        wards_for([Role.NURSE], ["w-1"], everywhere=True)

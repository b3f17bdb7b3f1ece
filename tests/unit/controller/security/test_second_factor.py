"""Codes of a second factor, held against RFC 6238's own and read from the QR code as a phone does."""

import pytest
import zxingcpp
from PIL import Image
from pyotp.totp import TOTP

from controller.errors import SealBroken
from controller.security.accounts import Accounts, By
from controller.security.permissions import Role
from controller.security.sealing import Sealing
from controller.security.second_factor import RECOVERY_CODES, Offer, SecondFactors
from controller.security.users import Account, find_account
from controller.store import Store, connect
from tests.unit.controller.conftest import TestClock

NAME = "anna"


@pytest.fixture
async def factors(store: Store, clock: TestClock, accounts: Accounts) -> SecondFactors:
    await accounts.create(NAME, [Role.ADMINISTRATOR], None, By("admin"))
    return SecondFactors(store, clock, sealing(store))


def sealing(store: Store) -> Sealing:
    return Sealing(store.folder / "keys" / "second-factor.key")


def code(offer: Offer, clock: TestClock, steps: int = 0) -> str:
    """What an authenticator with the offered secret shows, so many steps from now."""
    return TOTP(offer.secret).at(clock.utc_us() // 1_000_000 + 30 * steps)


async def account(store: Store) -> Account:
    found = await find_account(store, NAME)
    assert found is not None
    return found


async def confirmed(factors: SecondFactors, clock: TestClock) -> tuple[Offer, list[str]]:
    offer = await factors.offer(NAME)
    codes = await factors.confirm(NAME, code(offer, clock), "10.0.0.1")
    assert codes is not None
    clock.at_us += 60_000_000
    return offer, codes


def test_codes_are_those_of_rfc_6238_appendix_b() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base 32
    assert [TOTP(secret, digits=8).at(at) for at in (59, 1111111109, 20000000000)] == [
        *("94287082", "07081804", "65353130")
    ]


async def test_the_qr_code_is_read_as_the_authenticator_s_address(factors: SecondFactors) -> None:
    offer = await factors.offer(NAME)
    side = len(offer.qr)
    picture = Image.new("L", (side + 8, side + 8), 255)
    dark = [(x + 4, y + 4) for y, line in enumerate(offer.qr) for x, one in enumerate(line) if one == "1"]
    for place in dark:
        picture.putpixel(place, 0)
    [read] = zxingcpp.read_barcodes(picture.resize((4 * picture.width, 4 * picture.height)))
    assert read.text == offer.address
    assert f"secret={offer.secret}" in offer.address


async def test_an_offer_asks_nothing_of_a_login_until_it_is_confirmed(
    store: Store, factors: SecondFactors, clock: TestClock
) -> None:
    offer = await factors.offer(NAME)
    assert (await account(store)).totp is None
    assert await factors.confirm(NAME, "000000", "") is None
    assert (await account(store)).totp is None
    assert await factors.confirm(NAME, code(offer, clock), "") is not None
    kept = (await account(store)).totp
    assert kept is not None
    assert sealing(store).unseal(kept, "user/anna") == offer.secret


async def test_a_code_passes_once(store: Store, factors: SecondFactors, clock: TestClock) -> None:
    offer, _ = await confirmed(factors, clock)
    now = code(offer, clock)
    assert await factors.passes(await account(store), now)
    assert not await factors.passes(await account(store), now)


async def test_the_code_that_confirmed_it_opens_no_login(
    store: Store, factors: SecondFactors, clock: TestClock
) -> None:
    offer = await factors.offer(NAME)
    first = code(offer, clock)
    await factors.confirm(NAME, first, "")
    assert not await factors.passes(await account(store), first)


async def test_an_older_code_does_not_pass_after_a_newer_one(
    store: Store, factors: SecondFactors, clock: TestClock
) -> None:
    offer, _ = await confirmed(factors, clock)
    older, newer = code(offer, clock, -1), code(offer, clock)
    assert await factors.passes(await account(store), newer)
    assert not await factors.passes(await account(store), older)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_phone_s_clock_may_be_half_a_minute_off(
    store: Store, factors: SecondFactors, clock: TestClock, steps: int, right: bool
) -> None:
    offer, _ = await confirmed(factors, clock)
    clock.at_us += 60_000_000
    assert await factors.passes(await account(store), code(offer, clock, steps)) is right


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0x1234"])
async def test_what_is_no_code_does_not_pass(store: Store, factors: SecondFactors, wrong: str) -> None:
    assert not await factors.passes(await account(store), wrong)


async def test_each_recovery_code_passes_once_however_it_is_written(
    store: Store, factors: SecondFactors, clock: TestClock
) -> None:
    _, codes = await confirmed(factors, clock)
    assert len(set(codes)) == RECOVERY_CODES
    shouted = f" {codes[0][:6].upper()}-{codes[0][6:]} "
    assert await factors.passes(await account(store), shouted)
    assert not await factors.passes(await account(store), codes[0])
    assert await factors.passes(await account(store), codes[1])


async def test_new_recovery_codes_replace_the_old(
    store: Store, factors: SecondFactors, clock: TestClock
) -> None:
    _, old = await confirmed(factors, clock)
    await confirmed(factors, clock)
    assert not await factors.passes(await account(store), old[0])


async def test_the_database_holds_no_recovery_code(
    store: Store, factors: SecondFactors, clock: TestClock
) -> None:
    _, codes = await confirmed(factors, clock)
    held = b"".join(path.read_bytes() for path in store.folder.glob("wardlink*"))
    assert not any(one.encode() in held for one in codes)


@pytest.mark.sqlite_only("reads the file")
async def test_neither_the_database_nor_its_log_holds_a_secret(
    factors: SecondFactors, store: Store, clock: TestClock
) -> None:
    offer, _ = await confirmed(factors, clock)
    offered = await factors.offer(NAME)
    assert not found(store, offer.secret)
    assert not found(store, offered.secret)
    assert found(store, "aes256gcm:")


@pytest.mark.sqlite_only("reads the file")
async def test_a_start_seals_what_an_older_version_left_and_leaves_no_trace_of_it(
    factors: SecondFactors, store: Store, clock: TestClock
) -> None:
    secrets = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    row = *secrets, NAME
    await store.write(
        lambda db: db.execute("UPDATE user SET totp = ?, totp_offered = ? WHERE name = ?", row).rowcount
    )
    at_rest = connect(store.path)
    at_rest.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    at_rest.close()
    assert all(secret.encode() in store.path.read_bytes() for secret in secrets)
    await factors.prepare()
    assert not any(found(store, secret) for secret in secrets)
    now = TOTP(secrets[0]).at(clock.utc_us() // 1_000_000)
    assert await factors.passes(await account(store), now)


async def test_a_second_start_changes_nothing(factors: SecondFactors, store: Store, clock: TestClock) -> None:
    await confirmed(factors, clock)
    before = (await account(store)).totp
    await factors.prepare()
    assert (await account(store)).totp == before


async def test_another_person_s_secret_is_not_taken_for_one_s_own(
    factors: SecondFactors, accounts: Accounts, store: Store, clock: TestClock
) -> None:
    """Who can write the database cannot give an administrator the second factor that they hold."""
    offer, _ = await confirmed(factors, clock)
    await accounts.create("ben", [Role.ADMINISTRATOR], None, By("admin"))
    copy = "UPDATE user SET totp = (SELECT totp FROM user WHERE name = 'anna') WHERE name = 'ben'"
    await store.write(lambda db: db.execute(copy).rowcount)
    ben = await find_account(store, "ben")
    assert ben is not None
    assert await factors.passes(await account(store), code(offer, clock))
    clock.at_us += 60_000_000
    with pytest.raises(SealBroken, match="user/ben"):
        await factors.passes(ben, code(offer, clock))


async def test_without_its_key_a_recovery_code_still_opens_and_the_log_names_the_file(
    factors: SecondFactors, store: Store, clock: TestClock, caplog: pytest.LogCaptureFixture
) -> None:
    offer, codes = await confirmed(factors, clock)
    sealing(store).path.unlink()
    later = SecondFactors(store, clock, sealing(store))
    await later.prepare()
    assert str(sealing(store).path) in caplog.text
    assert "reset the second factor" in caplog.text
    assert offer.secret not in caplog.text
    with pytest.raises(SealBroken):
        await later.passes(await account(store), code(offer, clock))
    assert await later.passes(await account(store), codes[0])


async def test_after_a_reset_a_second_factor_can_be_set_up_by_the_new_key(
    factors: SecondFactors, accounts: Accounts, store: Store, clock: TestClock
) -> None:
    await confirmed(factors, clock)
    sealing(store).path.unlink()
    later = SecondFactors(store, clock, sealing(store))
    await later.prepare()
    await accounts.forget_second_factor(NAME, By("admin"))
    offer, _ = await confirmed(later, clock)
    assert await later.passes(await account(store), code(offer, clock))


def found(store: Store, secret: str) -> bool:
    """Whether the database's files hold it as it is."""
    files = store.folder.glob(f"{store.path.name}*")
    return any(secret.encode() in path.read_bytes() for path in files)

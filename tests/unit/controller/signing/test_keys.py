"""A person's key: made after a proof, one at a time, and once it ended it never comes back."""

import json
import sqlite3
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from controller.errors import BadRecord, BadSignature, Conflict, LoginRefused, NotFound, Unstorable
from controller.identity.certificates import By
from controller.security.users import find_account
from controller.signing.jws import encoded
from controller.signing.keys import Maker
from controller.signing.model import KeyState, Reason, Unlock, Wrap
from controller.signing.service import Signatures
from tests.support.signers import PHRASE, Signer
from tests.unit.controller.signing.conftest import BY, Site

PASSKEY = Wrap(Unlock.PASSKEY, encoded(b"credential"), PHRASE.salt, None, PHRASE.iv, PHRASE.wrapped)


async def maker(site: Site, name: str = "anna") -> Maker:
    account = await find_account(site.store, name)
    assert account is not None
    return Maker(account.user, "session", By(name))


async def test_the_certificate_names_the_person_and_their_roles_and_signs_documents_only(site: Site) -> None:
    one = site.keys[0].certificate
    names = {
        oid: [a.value for a in one.subject.get_attributes_for_oid(oid)]
        for oid in (NameOID.COMMON_NAME, NameOID.TITLE)
    }
    assert names == {NameOID.COMMON_NAME: ["anna"], NameOID.TITLE: ["physician"]}
    usage = one.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    [extended] = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert extended.dotted_string == "1.3.6.1.5.5.7.3.36"
    assert (one.not_valid_after_utc - one.not_valid_before_utc).days == 365


async def test_a_new_key_takes_the_place_of_the_one_before(site: Site) -> None:
    site.clock.utc_s += 5
    fresh = await site.make(Signer("anna"))
    keys = await site.signatures.keys_of("anna")
    assert [(one.serial, one.state) for one in keys] == [
        (fresh.serial, KeyState.ACTIVE),
        (site.keys[0].serial, KeyState.RETIRED),
    ]
    history = await site.signatures.keys.history("anna")
    assert [(one.state, one.at_utc_s - site.now_s) for one in history] == [
        (KeyState.ACTIVE, -5),
        (KeyState.RETIRED, 0),
        (KeyState.ACTIVE, 0),
    ]


async def test_each_change_is_in_the_audit_trail(site: Site) -> None:
    serial = site.keys[0].serial
    await site.signatures.keys.rewrap("anna", serial, [PHRASE], BY)
    await site.signatures.keys.revoke("anna", serial, Reason.LOST, By("admin", "10.0.0.2"))
    entries = [
        json.loads(row["entry"]) for row in await site.store.read("SELECT entry FROM audit ORDER BY number")
    ]
    told = [
        (one["action"], one["actor"], one["why"])
        for one in entries
        if one["entity"] == f"signing-key/{serial}"
    ]
    assert told == [
        ("signing-key-active", "anna", ""),
        ("signing-key-wrapped", "anna", ""),
        ("signing-key-revoked", "admin", "lost"),
    ]


async def test_a_challenge_is_good_once_soon_and_for_one_session(site: Site) -> None:
    keys, anna, who = site.signatures.keys, Signer("anna"), await maker(site)
    challenge = keys.challenge("session")
    with pytest.raises(LoginRefused):
        await keys.make(replace(who, session="other"), challenge, anna.prove(challenge), [PHRASE])
    await keys.make(who, challenge, anna.prove(challenge), [PHRASE])
    with pytest.raises(LoginRefused):
        await keys.make(who, challenge, Signer("anna").prove(challenge), [PHRASE])
    late = keys.challenge("session")
    site.clock.utc_s += 600
    with pytest.raises(LoginRefused):
        await keys.make(who, late, Signer("anna").prove(late), [PHRASE])


async def test_without_the_private_key_there_is_no_certificate(site: Site) -> None:
    keys, who, thief = site.signatures.keys, await maker(site), Signer("anna")
    honest = Signer("eve").prove("x")
    for proof in (
        lambda challenge: thief.prove(challenge, jwk={"kty": "EC", "crv": "P-256", **_xy(site.anna)}),
        lambda challenge: thief.prove("another"),
        lambda challenge: Signer("eve").prove(challenge),
        lambda challenge: thief.prove(
            challenge, jwk={"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}
        ),
        lambda challenge: thief.prove(challenge, jwk={"kty": "oct", "k": "AA"}),
        lambda challenge: thief.prove(challenge, typ="wardlink-signed"),
        lambda challenge: honest,
    ):
        challenge = keys.challenge("session")
        with pytest.raises(BadSignature):
            await keys.make(who, challenge, proof(challenge), [PHRASE])


def _xy(signer: Signer) -> dict[str, str]:
    numbers = signer.key.public_key().public_numbers()
    return {"x": encoded(numbers.x.to_bytes(32)), "y": encoded(numbers.y.to_bytes(32))}


async def test_a_key_is_nobodys_second_time(site: Site) -> None:
    with pytest.raises(Conflict, match="used already"):
        await site.make(site.anna)
    await site.person("eve")
    with pytest.raises(Conflict, match="used already"):
        await site.make(Signer("eve", site.anna.key))


WRONG = {
    "too few iterations": replace(PHRASE, iterations=599_999),
    "no iterations": replace(PHRASE, iterations=None),
    "a passkey with iterations": replace(PASSKEY, iterations=600_000),
    "a passphrase with a passkey": replace(PHRASE, credential="AA"),
    "a short salt": replace(PHRASE, salt="AAAA"),
    "no base64url": replace(PHRASE, iv="A" * 15 + "="),
    "a bare key": replace(PHRASE, wrapped="A" * 40),
}


@pytest.mark.parametrize("wrap", WRONG.values(), ids=WRONG.keys())
async def test_a_wrapped_key_of_another_form_is_refused(site: Site, wrap: Wrap) -> None:
    with pytest.raises(BadRecord):
        await site.signatures.keys.rewrap("anna", site.keys[0].serial, [wrap], BY)


async def test_only_ones_own_passkeys_wrap_a_key_and_a_removed_one_opens_it_no_more(site: Site) -> None:
    keys, serial = site.signatures.keys, site.keys[0].serial
    with pytest.raises(NotFound, match="none of yours"):
        await keys.rewrap("anna", serial, [PASSKEY], BY)

    def add(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO passkey_owner VALUES (x'01', 'anna')")
        db.execute("INSERT INTO passkey VALUES (?, x'01', 'phone', x'02', 0, 0, NULL)", (b"credential",))

    await site.store.write(add)
    await keys.rewrap("anna", serial, [PASSKEY, PHRASE], BY)
    assert {one.kind for one in (await keys.active("anna"))[1]} == set(Unlock)
    await site.store.write(lambda db: db.execute("DELETE FROM passkey"))
    assert [one.kind for one in (await keys.active("anna"))[1]] == [Unlock.PASSPHRASE]


async def test_a_passphrase_unlocks_only_where_the_configuration_lets_it(site: Site) -> None:
    strict = Signatures(site.store, site.clock, site.ca, frozenset({Unlock.PASSKEY})).keys
    with pytest.raises(BadRecord, match="unlocked by passkey"):
        await strict.rewrap("anna", site.keys[0].serial, [PHRASE], BY)
    assert (await strict.active("anna"))[1] == []


async def test_a_key_that_ended_never_comes_back_and_none_is_deleted(site: Site) -> None:
    serial = site.keys[0].serial
    await site.signatures.keys.revoke("anna", serial, Reason.LOST, BY)
    with pytest.raises(Conflict, match="is revoked"):
        await site.signatures.keys.revoke("anna", serial, Reason.LEFT, BY)
    for statement in (
        "UPDATE signing_key SET state = 'active', reason = ''",
        "UPDATE signing_key SET changed_utc_s = 0",
        "UPDATE signing_key SET person = 'anna'",
        "DELETE FROM signing_key",
        "DELETE FROM signing_event",
        "UPDATE signing_event SET by = 'eve'",
    ):
        with pytest.raises(Unstorable):
            await site.store.write(lambda db, statement=statement: db.execute(statement))
    with pytest.raises(NotFound, match="make one"):
        await site.signatures.keys.active("anna")


async def test_nobody_changes_anothers_key(site: Site) -> None:
    await site.person("eve")
    for change in (
        site.signatures.keys.revoke("eve", site.keys[0].serial, Reason.LOST, By("eve")),
        site.signatures.keys.rewrap("eve", site.keys[0].serial, [PHRASE], By("eve")),
    ):
        with pytest.raises(NotFound):
            await change

"""A signature is taken when everything of it holds, and for nothing less."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.errors import BadSignature
from controller.identity.certificates import By
from controller.security.permissions import Role
from controller.signing import jws
from controller.signing.canonical import canonical
from controller.signing.model import Reason
from tests.support.signers import Signer, by_hand, header_of, other_s
from tests.unit.controller.signing.conftest import BY, DOCUMENT, Site


async def test_what_the_person_signed_is_taken_with_a_receipt(site: Site) -> None:
    signature = site.anna.sign(DOCUMENT, site.now_s)
    signed = await site.check(signature)
    assert (signed.document, signed.signature) == (DOCUMENT, signature)
    told = header_of(signed.receipt)
    assert (told["typ"], told["sub"], told["iat"]) == ("wardlink-receipt", "anna", site.now_s)


async def test_a_signature_over_another_dose_or_revision_is_refused(site: Site) -> None:
    signature = site.anna.sign(DOCUMENT, site.now_s)
    for other in ({**DOCUMENT, "dose": {"value": 5, "unit": "mg"}}, {**DOCUMENT, "revision": 4}):
        assert await site.refused(signature, other) == "changed"


async def test_another_persons_key_signs_nothing_of_anna(site: Site) -> None:
    await site.person("eve")
    eve = Signer("eve")
    await site.make(eve)
    as_herself = eve.sign(DOCUMENT, site.now_s)
    as_anna = eve.sign(DOCUMENT, site.now_s, sub="anna")
    with_annas_certificate = eve.sign(DOCUMENT, site.now_s, sub="anna", x5c=site.anna.x5c)
    refused = [await site.refused(one) for one in (as_herself, as_anna, with_annas_certificate)]
    assert refused == ["person", "certificate", "changed"]


async def test_a_certificate_that_the_authority_gave_to_nobody_is_refused(site: Site) -> None:
    """Of the same name and issuer, but not the one that is kept."""
    forger = Signer("anna")
    forger.certify(site.ca, site.now_s, "physician")
    assert await site.refused(forger.sign(DOCUMENT, site.now_s)) == "certificate"


async def test_a_key_that_was_replaced_or_revoked_signs_no_more(site: Site) -> None:
    fresh = Signer("anna")
    await site.make(fresh)
    assert await site.refused(site.anna.sign(DOCUMENT, site.now_s)) == "revoked"
    await site.check(fresh.sign(DOCUMENT, site.now_s))
    [key, _] = await site.signatures.keys_of("anna")
    await site.signatures.keys.revoke("anna", key.serial, Reason.LOST, BY)
    assert await site.refused(fresh.sign(DOCUMENT, site.now_s)) == "revoked"


async def test_a_disabled_account_signs_nothing(site: Site) -> None:
    await site.store.write(lambda db: db.execute("UPDATE user SET disabled_ms = 1 WHERE name = 'anna'"))
    assert await site.refused(site.anna.sign(DOCUMENT, site.now_s)) == "person"


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ((Role.NURSE,), "person"),
        ((Role.PHARMACIST,), "certificate"),
        ((Role.PHYSICIAN, Role.NURSE), "certificate"),
    ],
)
async def test_a_key_made_for_other_roles_signs_nothing(
    site: Site, roles: tuple[Role, ...], code: str
) -> None:
    await site.roles("anna", *roles)
    assert await site.refused(site.anna.sign(DOCUMENT, site.now_s)) == code


@pytest.mark.parametrize("late_s", [-jws.SKEW_S - 1, jws.SKEW_S + 1])
async def test_a_clock_that_is_minutes_off_is_refused(site: Site, late_s: int) -> None:
    assert await site.refused(site.anna.sign(DOCUMENT, site.now_s + late_s)) == "time"
    await site.check(site.anna.sign(DOCUMENT, site.now_s + late_s // 2))


async def test_an_expired_certificate_signs_nothing(site: Site) -> None:
    site.clock.utc_s = site.keys[0].expires_utc_s + 1
    assert await site.refused(site.anna.sign(DOCUMENT, site.now_s)) == "certificate"


async def test_certificates_in_another_order_are_refused(site: Site) -> None:
    assert len(site.anna.x5c) == 2
    changed = [[*reversed(site.anna.x5c)], site.anna.x5c[:1], [*site.anna.x5c, site.anna.x5c[1]]]
    for x5c in changed:
        assert await site.refused(site.anna.sign(DOCUMENT, site.now_s, x5c=x5c)) == "certificate"


WRONG = {
    "alg none": {"alg": "none"},
    "HS256": {"alg": "HS256"},
    "ES384": {"alg": "ES384"},
    "b64 true": {"b64": True},
    "b64 a number": {"b64": 0},
    "crit unknown": {"crit": ["b64", "exp"]},
    "crit empty": {"crit": []},
    "another typ": {"typ": jws.REPORT},
    "no sub": {"sub": None},
    "sub no text": {"sub": 7},
    "no iat": {"iat": None},
    "iat a text": {"iat": "1"},
    "iat true": {"iat": True},
    "no x5c": {"x5c": None},
    "x5c empty": {"x5c": []},
    "x5c no base64": {"x5c": ["*"]},
    "a name more": {"kid": "1"},
}


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG.keys())
async def test_a_header_that_is_not_exactly_as_it_should_be_is_refused(
    site: Site, header: dict[str, object]
) -> None:
    """Each is signed by anna's own key: the signature itself holds."""
    told = {**header_of(site.anna.sign(DOCUMENT, site.now_s)), **header}
    raw = json.dumps({name: value for name, value in told.items() if value is not None})
    assert await site.refused(by_hand(raw, canonical(DOCUMENT), site.anna.key)) in {"form", "certificate"}


async def test_a_header_with_a_name_twice_is_refused(site: Site) -> None:
    told = json.dumps(header_of(site.anna.sign(DOCUMENT, site.now_s)))
    twice = told.replace('"sub": "anna"', '"sub": "eve", "sub": "anna"')
    assert twice != told
    assert await site.refused(by_hand(twice, canonical(DOCUMENT), site.anna.key)) == "form"
    await site.check(by_hand(told, canonical(DOCUMENT), site.anna.key))


def _loose(text: str) -> str:
    """The last letter with another value in its unused bits."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) ^ 1]


CHANGES: dict[str, Callable[[str], str]] = {
    "the other s": other_s,
    "unused bits": _loose,
    "padding": lambda text: text + "==",
    "a line": lambda text: text + "\n",
    "another alphabet": lambda text: text.replace("-", "+").replace("_", "/"),
    "attached": lambda text: text.replace("..", f".{jws.encoded(canonical(DOCUMENT))}.", 1),
    "shorter": lambda text: text[:-4],
    "no parts": lambda text: text.replace(".", ""),
    "long": lambda text: "A" * 70_000 + text,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_a_signature_has_one_form(site: Site, change: Callable[[str], str]) -> None:
    signature = next(one for _ in range(20) if set("-_") & set(one := site.anna.sign(DOCUMENT, site.now_s)))
    assert await site.refused(change(signature)) == "form"


async def test_a_refusal_says_what_to_do(site: Site) -> None:
    with pytest.raises(BadSignature, match="set this computer's clock"):
        await site.check(site.anna.sign(DOCUMENT, site.now_s + 3600))
    with pytest.raises(BadSignature, match="sign with the present one"):
        await site.make(Signer("anna"))
        await site.check(site.anna.sign(DOCUMENT, site.now_s))


async def test_nothing_is_taken_of_who_has_no_key(site: Site) -> None:
    await site.person("ben")
    ben = Signer("ben")
    ben.certify(site.ca, site.now_s, "physician")
    assert await site.refused(ben.sign(DOCUMENT, site.now_s), person="ben") == "certificate"
    assert await site.refused(ben.sign(DOCUMENT, site.now_s), person="nobody") == "person"


async def test_what_was_accepted_is_held_against_its_signature_whenever_it_is_used(site: Site) -> None:
    signed = await site.check(site.anna.sign(DOCUMENT, site.now_s))
    site.clock.utc_s += 60
    await site.signatures.keys.revoke("anna", site.keys[0].serial, Reason.LOST, BY)
    assert (await site.signatures.again("anna", signed)).accepted_s == site.now_s - 60
    with pytest.raises(BadSignature, match="of eve"):
        await site.signatures.again("eve", signed)
    changed = replace(signed, document={**DOCUMENT, "dose": {"value": 5, "unit": "mg"}})
    with pytest.raises(BadSignature, match="was changed"):
        await site.signatures.again("anna", changed)


async def test_acceptance_stands_or_falls_with_the_callers_transaction(site: Site) -> None:
    signature = site.anna.sign(DOCUMENT, site.now_s)
    signed = await site.signatures.accept("anna", DOCUMENT, signature)
    assert signed.signature == signature
    await site.signatures.keys.revoke("anna", site.keys[0].serial, Reason.COMPROMISED, By("admin"))
    with pytest.raises(BadSignature, match="revoked"):
        await site.signatures.accept("anna", DOCUMENT, signature)

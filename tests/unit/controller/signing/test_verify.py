"""A signed document is checked anywhere, with the root alone: whatever was changed is found, and named."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from controller.errors import BadSignature
from controller.identity.authority import Use, begun, named, new_authority, signed_leaf
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.identity.pems import pem
from controller.signing import jws, rx
from controller.signing.canonical import canonical
from controller.signing.chain import told
from controller.signing.model import KeyState, Reason
from controller.signing.revoked import read_revoked, revoked_list
from controller.signing.verify import verify
from tests.support.signers import Signer, other_s, receipt
from tests.unit.controller.signing.conftest import BY, DOCUMENT, START_S, Site


def refused(site: Site, content: bytes, **file: Any) -> str:
    """The code of the refusal of `content`, with these members changed; None: taken out."""
    whole = {**json.loads(content), **file}
    with pytest.raises(BadSignature) as error:
        site.verify(canonical({name: value for name, value in whole.items() if value is not None}))
    return error.value.code


def by_forger(site: Site, forger: Signer) -> bytes:
    """A file that a forger signed, and for which the site gave its receipt all the same."""
    signature = forger.sign(DOCUMENT, site.now_s)
    told = receipt(site.ca, signature, site.now_s, forger.name)
    return canonical({"document": DOCUMENT, "signature": signature, "receipt": told})


def code(site: Site, content: bytes) -> str:
    with pytest.raises(BadSignature) as error:
        site.verify(content)
    return error.value.code


async def test_it_says_who_in_which_role_when_and_what(site: Site) -> None:
    held = site.verify(await site.signed())
    assert (held.name, held.roles, held.signed_s, held.accepted_s) == (
        "anna",
        ("physician",),
        START_S,
        START_S,
    )
    assert (held.document, held.root) == (DOCUMENT, site.root)
    assert held.serial == site.keys[0].serial


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
async def test_whichever_byte_of_the_file_is_changed_it_does_not_hold(site: Site) -> None:
    content, drawn = await site.signed(), random.Random(1)
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 1 << drawn.randrange(8)
        with pytest.raises(BadSignature):
            site.verify(bytes(changed))


async def test_another_dose_does_not_hold(site: Site) -> None:
    content = await site.signed()
    changed = content.replace(b'"value":0.5', b'"value":5')
    assert changed != content
    assert code(site, changed) == "changed"


async def test_another_root_vouches_for_nothing(site: Site) -> None:
    with pytest.raises(BadSignature, match="use the root of that site"):
        verify(await site.signed(), [new_authority(moment(START_S))[0].root])


async def test_without_its_own_receipt_nothing_holds(site: Site) -> None:
    content = await site.signed()
    file = json.loads(content)
    other = json.loads(await site.signed())
    assert other["signature"] != file["signature"]
    wrong = [None, "", other["receipt"], file["signature"], other_s(file["receipt"])]
    wrong.append(receipt(site.ca, file["signature"], site.now_s, "eve"))
    wrong.append(receipt(site.ca, file["signature"], site.now_s, "anna", jws.REPORT))
    assert {refused(site, content, receipt=one) for one in wrong} == {"receipt"}


async def test_a_receipt_by_a_person_is_none(site: Site) -> None:
    signature = site.anna.sign(DOCUMENT, site.now_s)
    forged = site.anna.sign({}, site.now_s, typ=jws.RECEIPT)
    assert refused(site, await site.signed(), signature=signature, receipt=forged) in {"receipt", "foreign"}


async def test_the_other_s_is_refused_even_with_a_receipt(site: Site) -> None:
    signature = other_s(site.anna.sign(DOCUMENT, site.now_s))
    told = receipt(site.ca, signature, site.now_s, "anna")
    assert refused(site, await site.signed(), signature=signature, receipt=told) == "form"


async def test_the_authority_itself_signs_no_document(site: Site) -> None:
    held = held_authority(site.ca, moment(START_S)).held
    issuing = Signer("anna", held.key, told((held.issuing,)))
    assert code(site, by_forger(site, issuing)) == "certificate"


@pytest.mark.parametrize("use", [Use.CLIENT, Use.SERVER])
async def test_a_certificate_for_another_use_signs_no_document(site: Site, use: Use) -> None:
    held = held_authority(site.ca, moment(START_S)).held
    forger = Signer("anna")
    span = moment(START_S), timedelta(days=1)
    one = signed_leaf(held, begun(named("anna"), 7, forger.key.public_key()), span, use)
    forger.x5c = told((one, held.issuing))
    assert code(site, by_forger(site, forger)) == "certificate"


async def test_a_persons_certificate_issues_none(site: Site) -> None:
    """Anna's key makes a certificate for eve: the chain ends at a certificate of no authority."""
    eve = Signer("eve")
    held = held_authority(site.ca, moment(START_S)).held
    annas = site.keys[0].certificate
    as_issuer = _Held(annas, site.anna.key, held)
    titles = x509.NameAttribute(NameOID.TITLE, "physician")
    span = moment(START_S), timedelta(days=1)
    one = signed_leaf(as_issuer, begun(named("eve", titles), 9, eve.key.public_key()), span, Use.DOCUMENTS)  # type: ignore[arg-type]
    eve.x5c = told((one, annas, held.issuing))
    assert code(site, by_forger(site, eve)) == "foreign"


class _Held:
    """Somebody who acts as if they were an authority."""

    def __init__(self, certificate: x509.Certificate, key: Any, held: Any) -> None:
        self.root, self.issuing, self.key = held.root, certificate, key


async def test_the_name_and_the_certificate_have_to_agree(site: Site) -> None:
    forger = Signer("eve", site.anna.key, site.anna.x5c)
    assert code(site, by_forger(site, forger)) == "person"


@pytest.mark.parametrize("days", [-1, 366])
async def test_a_certificate_not_yet_or_no_more_valid_when_it_was_accepted_is_refused(
    site: Site, days: int
) -> None:
    site.clock.utc_s += days * 86_400
    assert code(site, by_forger(site, site.anna)) in {"certificate", "foreign"}


async def test_a_signature_that_was_accepted_at_another_time_than_it_says_is_refused(site: Site) -> None:
    signature = site.anna.sign(DOCUMENT, site.now_s)
    late = receipt(site.ca, signature, site.now_s + 3600, "anna")
    assert refused(site, await site.signed(), signature=signature, receipt=late) == "time"


async def test_certificates_in_another_order_do_not_hold(site: Site) -> None:
    site.anna.x5c.reverse()
    assert code(site, by_forger(site, site.anna)) != "changed"


async def test_what_was_accepted_before_a_revocation_stays_good_and_nothing_after(site: Site) -> None:
    before = await site.signed()
    site.clock.utc_s += 10
    later = site.anna.sign(DOCUMENT, site.now_s + 10)
    await site.signatures.keys.revoke("anna", site.keys[0].serial, Reason.COMPROMISED, BY)
    listed = await site.listed()
    assert listed.keys[site.keys[0].serial].state is KeyState.REVOKED
    assert site.verify(before, listed).name == "anna"
    told = receipt(site.ca, later, site.now_s + 10, "anna")
    after = canonical({"document": DOCUMENT, "signature": later, "receipt": told})
    assert site.verify(after).name == "anna"  # without the list nothing is known of it
    with pytest.raises(BadSignature, match=r"revoked \(compromised\).*accepted later") as error:
        site.verify(after, listed)
    assert error.value.code == "revoked"


async def test_a_key_that_was_replaced_is_on_the_list(site: Site) -> None:
    before = await site.signed()
    site.clock.utc_s += 10
    await site.make(Signer("anna"))
    listed = await site.listed()
    assert listed.keys[site.keys[0].serial].state is KeyState.RETIRED
    assert site.verify(before, listed).accepted_s < listed.keys[site.keys[0].serial].at_s


async def test_a_list_that_was_changed_is_refused(site: Site) -> None:
    await site.signatures.keys.revoke("anna", site.keys[0].serial, Reason.LOST, BY)
    content = await revoked_list(site.store, site.signatures.site, site.now_s)
    foreign = new_authority(moment(START_S))[0].root
    for changed, root in (
        (content.replace(b'"lost"', b'"left"'), site.root),
        (content, foreign),
        (b"{}", site.root),
    ):
        with pytest.raises(BadSignature) as error:
            read_revoked(changed, [root])
        assert error.value.code == "list"


@given(st.binary(max_size=60))
def test_whatever_comes_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadSignature, match="expected"):
        verify(content, [])


async def test_the_command_says_it_and_its_exit_status_what_is_wrong(site: Site, tmp_path: Path) -> None:
    content, run = await site.signed(), CliRunner()
    file, root, other = tmp_path / "rx.json", tmp_path / "root.pem", tmp_path / "other.pem"
    listed = tmp_path / "revoked.json"
    root.write_text(pem(site.root))
    other.write_text(pem(new_authority(moment(START_S))[0].root))
    listed.write_bytes(await revoked_list(site.store, site.signatures.site, site.now_s))

    def status(content: bytes, *more: str, pinned: Path = root) -> int:
        file.write_bytes(content)
        return run.invoke(rx.app, ["verify", str(file), "--root", str(pinned), *more]).exit_code

    file.write_bytes(content)
    said = run.invoke(rx.app, ["verify", str(file), "--root", str(root), "--revoked", str(listed)])
    assert said.exit_code == 0
    for words in ("anna (physician)", "2026-11-26", "not in the list of", '"value": 0.5', "SHA-256"):
        assert words in said.stdout
    assert status(content.replace(b"0.5", b"5.5")) == 1
    assert status(b"{}") == 3
    assert status(content, pinned=other) == 4
    assert status(by_forger(site, Signer("eve", site.anna.key, site.anna.x5c))) == 5
    assert status(canonical({**json.loads(content), "receipt": ""})) == 6
    assert status(content, "--revoked", str(other)) == 8
    assert status(content, pinned=listed) == 9
    site.clock.utc_s -= 100
    await site.signatures.keys.revoke("anna", site.keys[0].serial, Reason.LEFT, BY)
    listed.write_bytes(await revoked_list(site.store, site.signatures.site, site.now_s))
    assert status(content, "--revoked", str(listed)) == 7

"""A successor takes an authority's place whole, whatever ends the process when; what was before is kept."""

import json
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from controller.errors import AuthorityError, ClockNotSet
from controller.identity.authority import Authority, new_authority, new_key
from controller.identity.files import ROOT_KEY, SERVER, held_authority, keep_server, open_authority
from controller.identity.pems import read_root_key
from controller.identity.succession import next_issuing, next_root
from controller.identity.takeover import NEXT, RETIRED
from tests.support.signing import pem
from tests.support.succession import staged, succeed
from tests.unit.controller.identity.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """An authority that was made at NOW."""
    open_authority(tmp_path / "ca", NOW)
    return tmp_path / "ca"


def chain_of(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


class TestIssuing:
    def test_the_next_one_is_of_the_same_name_with_another_key_under_the_same_root(self, ca: Path) -> None:
        old = succeed(ca, NOW + DAY)
        new = open_authority(ca, NOW + DAY)
        assert new.root == old.root
        assert new.issuing.subject == old.issuing.subject
        assert new.key.public_key() == new.issuing.public_key() != old.issuing.public_key()
        new.issuing.verify_directly_issued_by(new.root)
        assert new.held.former == (old.issuing,)

    def test_it_does_not_outlive_the_root(self, ca: Path) -> None:
        late = NOW + 3000 * DAY
        succeed(ca, late)
        new = held_authority(ca, late)
        assert new.issuing.not_valid_after_utc == new.root.not_valid_after_utc

    def test_one_that_has_ended_is_replaced_as_well(self, ca: Path) -> None:
        late = NOW + 2000 * DAY
        with pytest.raises(AuthorityError, match="authority renew"):
            open_authority(ca, late)
        succeed(ca, late)
        assert open_authority(ca, late)

    def test_servers_get_a_certificate_of_the_new_one_at_once(self, ca: Path) -> None:
        keep_server(ca, held_authority(ca, NOW), ["h"], NOW, 90 * DAY)
        succeed(ca, NOW + DAY)
        authority = held_authority(ca, NOW + DAY)
        assert keep_server(ca, authority, ["h"], NOW + DAY, 90 * DAY)
        assert chain_of(ca / SERVER)[1:] == [authority.issuing]

    def test_it_needs_the_roots_own_key(self, authority: Authority) -> None:
        with pytest.raises(AuthorityError, match=r"expected the key of root\.pem"):
            next_issuing(authority, new_key(), NOW)

    def test_with_a_clock_that_is_behind_nothing_is_made(self) -> None:
        authority, key = new_authority(NOW)
        for make in (next_issuing, next_root):
            with pytest.raises(ClockNotSet, match="set it"):
                make(authority, key, NOW - DAY)

    def test_what_a_root_signs_after_its_end_is_worth_nothing_and_refused(self) -> None:
        authority, key = new_authority(NOW)
        with pytest.raises(AuthorityError, match="the root has ended"):
            next_issuing(authority, key, NOW + 4000 * DAY)


class TestRoot:
    def test_it_goes_with_the_three_certificates_of_a_roots_key_update(self, ca: Path) -> None:
        """RFC 4210, 4.4."""
        old = succeed(ca, NOW + DAY, root=True)
        new = open_authority(ca, NOW + DAY)
        old_with_old, old_with_new, new_with_old = new.held.links
        assert old_with_old == old.root
        old_with_new.verify_directly_issued_by(new.root)
        new_with_old.verify_directly_issued_by(old.root)
        assert old_with_new.public_key() == old.root.public_key()
        assert new_with_old.public_key() == new.root.public_key() != old.root.public_key()
        assert {one.subject for one in (new.root, old.root, new_with_old, old_with_new)} == {old.root.subject}
        assert new_with_old.not_valid_after_utc == old.root.not_valid_after_utc
        assert new.above == (new.issuing, new_with_old)

    def test_the_new_roots_key_takes_the_place_of_the_old_one(self, ca: Path) -> None:
        succeed(ca, NOW + DAY, root=True)
        key = read_root_key(ca / ROOT_KEY, lambda: "")
        assert key.public_key() == held_authority(ca, NOW + DAY).root.public_key()

    def test_links_of_a_root_that_has_ended_are_told_no_more(self, ca: Path) -> None:
        late = NOW + 3000 * DAY
        succeed(ca, late, root=True)
        assert len(held_authority(ca, late).held.links) == 3
        later = NOW + 3650 * DAY
        assert held_authority(ca, later).held.links == ()
        assert len(list((ca / RETIRED).glob("root-*.pem"))) == 1

    def test_a_third_root_waits_until_the_first_has_ended(self, ca: Path) -> None:
        for _ in range(2):
            succeed(ca, NOW + DAY, root=True)
        with pytest.raises(AuthorityError, match="at most 2 former roots"):
            succeed(ca, NOW + DAY, root=True)


@pytest.mark.parametrize("root", [False, True], ids=["issuing", "root"])
def test_ended_after_any_file_it_is_finished_by_whoever_opens_it_next(tmp_path: Path, root: bool) -> None:
    for done in count():
        ca = tmp_path / f"{done}" / "ca"
        before = open_authority(ca, NOW)
        staged(ca, NOW + DAY, root=root)
        files = json.loads((ca / NEXT).read_text())
        for name, text in list(files.items())[:done]:
            (ca / name).parent.mkdir(exist_ok=True)
            (ca / name).write_text(text)
        found = open_authority(ca, NOW + DAY)
        assert found.issuing != before.issuing and found.held.former == (before.issuing,)
        assert (found.root != before.root) == root
        assert not (ca / NEXT).exists()
        if done == len(files):
            break


def test_everything_is_readable_for_its_owner_alone(ca: Path) -> None:
    succeed(ca, NOW + DAY, root=True)
    files = [path for path in ca.rglob("*") if path.is_file()]
    assert len(files) == 8
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_key_on_a_stick_may_have_a_password(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "root.key"
    encrypted = BestAvailableEncryption(b"ward round")
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encrypted))
    assert read_root_key(path, lambda: "ward round").public_key() == key.public_key()
    with pytest.raises(AuthorityError, match=r"root\.key: expected the root's key"):
        read_root_key(path, lambda: "wrong")


def test_a_decision_that_cannot_be_read_is_told(ca: Path) -> None:
    (ca / NEXT).write_text("{")
    with pytest.raises(AuthorityError, match=r"next\.json: expected JSON"):
        open_authority(ca, NOW)


def test_issuers_are_those_of_a_sites_own_new_files_too(ca: Path, authority: Authority) -> None:
    own = {"root.pem": authority.root, "issuing.pem": authority.issuing, "issuing.key": authority.key}
    for name, one in own.items():
        (ca / name).write_bytes(pem(one))
    open_authority(ca, NOW)
    assert chain_of(ca / "issuers.pem") == [authority.issuing]

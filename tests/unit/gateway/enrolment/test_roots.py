"""Which roots a gateway trusts besides the one that it pinned: successors that this one vouches for."""

from datetime import timedelta

import pytest
from cryptography import x509

from controller.identity.authority import (
    AuthorityOf,
    PrivateKey,
    authority_name,
    new_authority,
    new_key,
    signed_authority,
)
from controller.identity.succession import next_root
from gateway.enrolment.certificates import chosen
from gateway.enrolment.roots import living, moment, stands, taken_over
from tests.support.est import LIFE, now
from tests.unit.gateway.enrolment.made import identity

AGO, YEAR = now() - timedelta(days=1000), timedelta(days=365)
OLD, OLD_KEY = new_authority(AGO)
NEW, NEW_KEY = next_root(OLD, OLD_KEY, now())
LINKS = NEW.held.links
OFFERED = [NEW.issuing, NEW.root, *LINKS]


def test_a_successor_is_trusted_before_the_one_that_vouches_for_it() -> None:
    assert taken_over((OLD.root,), OFFERED, now()) == (NEW.root, OLD.root)
    assert taken_over((OLD.root,), OFFERED[::-1], now()) == (NEW.root, OLD.root)
    assert taken_over((OLD.root,), OFFERED, None) == (NEW.root, OLD.root)


def test_a_successor_of_a_successor_is_found_in_one_step() -> None:
    third, _ = next_root(NEW, NEW_KEY, now() + timedelta(days=1))
    offered = [third.issuing, third.root, *third.held.links]
    at = now() + timedelta(days=2)
    assert taken_over((OLD.root,), offered, at) == (third.root, NEW.root, OLD.root)


def test_nothing_new_changes_nothing() -> None:
    assert taken_over((OLD.root,), [OLD.issuing, OLD.root], now()) == (OLD.root,)
    assert taken_over((NEW.root, OLD.root), OFFERED, now()) == (NEW.root, OLD.root)


def test_a_box_that_pinned_the_new_root_does_not_go_back_to_the_old_one() -> None:
    """The new one vouches for the old one as well (OldWithNew)."""
    assert taken_over((NEW.root,), OFFERED, now()) == (NEW.root,)


def link(
    by: PrivateKey = OLD_KEY,
    issuer: x509.Certificate = OLD.root,
    *,
    key: PrivateKey = NEW_KEY,
    late: bool = False,
) -> x509.Certificate:
    """NewWithOld, or something like it."""
    begins = now() - 2 * YEAR if late else now()
    what = AuthorityOf(OLD.root.subject, key.public_key(), 1)
    return signed_authority(what, issuer, by, begins, begins + YEAR)


def other_name() -> tuple[x509.Certificate, x509.Certificate]:
    """Another authority that the old root signed: a hospital's has many."""
    key, name = new_key(), authority_name("other root")
    what = AuthorityOf(name, key.public_key(), 1)
    return (
        signed_authority(what, name, key, now(), now() + YEAR),
        signed_authority(what, OLD.root, OLD_KEY, now(), now() + YEAR),
    )


def no_authority() -> tuple[x509.Certificate, x509.Certificate]:
    """A gateway's own certificate, by an issuing authority that is pinned."""
    return NEW.root, OLD.client("ward-a", NEW_KEY.public_key(), now(), LIFE)


@pytest.mark.parametrize(
    "offered",
    [
        (NEW.root,),
        (NEW.root, link(new_key())),
        (NEW.root, link(NEW_KEY, NEW.root)),
        (NEW.root, link(key=new_key())),
        (NEW.root, link(late=True)),
        (LINKS[2],),
        other_name(),
        no_authority(),
        (OLD.issuing, link()),
    ],
    ids=[
        *("no link", "forged link", "its own link", "a link of another key", "a link that has ended"),
        *("a link alone", "another authority of that root", "a gateway's certificate", "another root's link"),
    ],
)
def test_what_the_pinned_root_does_not_vouch_for_is_not_trusted(offered: list[x509.Certificate]) -> None:
    assert taken_over((OLD.root,), [NEW.root, link()], now()) == (NEW.root, OLD.root)
    assert taken_over((OLD.root,), offered, now()) == (OLD.root,)


def test_what_has_ended_is_no_longer_trusted_unless_the_box_knows_no_time() -> None:
    roots, later = (NEW.root, OLD.root), OLD.root.not_valid_after_utc
    assert living(roots, now()) == roots
    assert living(roots, later) == (NEW.root,)
    assert living(roots, None) == roots


def test_an_identity_stands_under_the_root_that_it_was_made_under() -> None:
    before, after = identity(OLD), identity(NEW)
    assert stands(before, (OLD.root,)) and not stands(before, (NEW.root,))
    assert stands(after, (NEW.root,)) and not stands(after, (OLD.root,))
    assert not stands(before, ())


def test_a_certificate_of_after_is_chosen_when_both_roots_are_pinned() -> None:
    key = new_key()
    own = NEW.client("ward-a", key.public_key(), now(), LIFE)
    assert chosen([own, NEW.issuing, LINKS[2]], key, "ward-a", NEW.root, OLD.root)[:2] == (own, NEW.issuing)


def test_a_time_of_the_boxs_clock_is_utc() -> None:
    assert moment(None) is None
    found = moment(1_800_000_000_000_000)
    assert found is not None and found.isoformat() == "2027-01-15T08:00:00+00:00"

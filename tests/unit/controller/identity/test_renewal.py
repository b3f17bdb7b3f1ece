"""The old key is the proof: also of an expired certificate, never of a revoked or somebody else's."""

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from controller.errors import EnrolmentRefused
from controller.identity.authority import name_of, new_authority
from controller.identity.certificates import By, issue, revoke, serial_of
from controller.identity.renewal import MOST_A_DAY, RENEWABLE, Renewal, renew
from tests.support.signing import p256, signing_request
from tests.unit.controller.identity.conftest import NOW, NOW_S, trail

LIFE = timedelta(days=30)
DAY_S = 86_400
OLD, NEW = p256(), p256()
AUTHORITY = new_authority(NOW)[0]


@pytest.fixture
def held(db: sqlite3.Connection) -> x509.Certificate:
    """What ward-a was given at NOW."""
    return issue(db, AUTHORITY, "ward-a", OLD.public_key(), NOW_S, life=LIFE)


def ask(
    db: sqlite3.Connection,
    held: x509.Certificate,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = NEW,
    *,
    name: str = "ward-a",
    days: float = 20,
) -> Any:
    """The next certificate, or the code of the refusal."""
    renewal = Renewal(held, signing_request(key, name), "10.0.0.9")
    given = renew(db, AUTHORITY, renewal, int(NOW_S + days * DAY_S) * 1_000_000, LIFE)
    return given.code if isinstance(given, EnrolmentRefused) else given


def test_a_new_key_gets_the_next_certificate(db: sqlite3.Connection, held: x509.Certificate) -> None:
    given = ask(db, held)
    assert (name_of(given), given.public_key()) == ("ward-a", NEW.public_key())
    assert given.not_valid_after_utc == NOW + timedelta(days=50)
    assert trail(db) == ["certificate-renewed done"]


def test_the_old_one_stays_good_until_its_end(db: sqlite3.Connection, held: x509.Certificate) -> None:
    ask(db, held)
    assert db.execute("SELECT count(*) FROM certificate WHERE revoked_utc_s IS NULL").fetchone()[0] == 2


def test_the_old_key_may_be_kept(db: sqlite3.Connection, held: x509.Certificate) -> None:
    second = ask(db, held, OLD, days=20)
    third = ask(db, second, OLD, days=40)
    assert len({serial_of(one) for one in (held, second, third)}) == 3
    assert third.not_valid_after_utc == NOW + timedelta(days=70)


def test_a_lost_reply_costs_nothing(db: sqlite3.Connection, held: x509.Certificate) -> None:
    assert ask(db, held) == ask(db, held, days=20.5)
    assert db.execute("SELECT count(*) FROM certificate").fetchone()[0] == 2


def test_a_reply_that_was_lost_is_not_given_again_once_it_is_good_for_nothing(
    db: sqlite3.Connection, held: x509.Certificate
) -> None:
    revoked = ask(db, held)
    revoke(db, "ward-a", By("engineer"), NOW_S * 1_000_000, serial_of(revoked))
    second = ask(db, held, days=21)
    parked = ask(db, held, days=60)  # by then the second has expired, too
    assert len({serial_of(one) for one in (revoked, second, parked)}) == 3
    assert parked.not_valid_after_utc == NOW + timedelta(days=90)


def test_a_vehicle_that_was_parked_renews_what_has_expired(
    db: sqlite3.Connection, held: x509.Certificate
) -> None:
    assert isinstance(ask(db, held, days=30 + RENEWABLE.days), x509.Certificate)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": 30 + RENEWABLE.days + 0.1}, "too-old"),
        ({"days": -1}, "not-yet-valid"),
        ({"name": "ward-b"}, "foreign-name"),
        ({"key": rsa.generate_private_key(65537, 2048)}, "bad-key"),
    ],
)
def test_every_refusal_is_in_the_trail_and_gives_nothing(
    db: sqlite3.Connection, held: x509.Certificate, changes: dict[str, Any], code: str
) -> None:
    assert ask(db, held, **changes) == code
    assert trail(db) == [f"certificate-renewed refused {code}"]
    assert db.execute("SELECT count(*) FROM certificate").fetchone()[0] == 1


def test_a_revoked_certificate_is_never_renewed_expired_or_not(
    db: sqlite3.Connection, held: x509.Certificate
) -> None:
    revoke(db, "ward-a", By("engineer"), NOW_S * 1_000_000)
    assert ask(db, held) == ask(db, held, days=40) == "revoked"


def test_what_a_thief_renewed_is_revoked_with_the_rest(
    db: sqlite3.Connection, held: x509.Certificate
) -> None:
    stolen = ask(db, held)
    revoke(db, "ward-a", By("engineer"), NOW_S * 1_000_000)
    assert ask(db, stolen) == "revoked"


def test_one_that_another_authority_signed_is_unknown(db: sqlite3.Connection, held: x509.Certificate) -> None:
    other = new_authority(NOW)[0].client("ward-a", OLD.public_key(), NOW, LIFE)
    assert ask(db, other) == "unknown-certificate"


def test_one_with_the_serial_of_another_is_unknown(db: sqlite3.Connection, held: x509.Certificate) -> None:
    """The whole certificate is compared, not its number."""
    other = AUTHORITY.client("ward-a", OLD.public_key(), NOW, LIFE)
    db.execute("UPDATE certificate SET serial = ?", (serial_of(other),))
    assert ask(db, other) == "unknown-certificate"


def test_the_controllers_own_certificate_is_not_a_gateways(db: sqlite3.Connection) -> None:
    own = AUTHORITY.client("controller", OLD.public_key(), NOW, LIFE)
    assert ask(db, own, name="controller") == "unknown-certificate"


def test_a_decommissioned_gateway_renews_nothing(db: sqlite3.Connection, held: x509.Certificate) -> None:
    db.execute("UPDATE gateway SET provisioned = 0")
    assert ask(db, held) == "decommissioned"


def test_a_mad_gateway_does_not_fill_the_database(db: sqlite3.Connection, held: x509.Certificate) -> None:
    answers = [ask(db, held, p256()) for _ in range(MOST_A_DAY + 1)]
    assert answers[MOST_A_DAY] == "too-many"
    assert isinstance(ask(db, held, p256(), days=21.1), x509.Certificate)  # a day later

"""Certificates in the database, and whom the broker lets in because of them."""

import sqlite3
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import EnrolmentRefused, NotFound
from controller.identity.authority import Authority, new_authority, new_key
from controller.identity.certificates import (
    CERTIFICATES,
    By,
    distinguished_name,
    issue,
    revoke,
    serial_of,
    users,
)
from tests.unit.controller.identity.conftest import NOW, NOW_S, trail

KEY = new_key().public_key()
LIFE = timedelta(days=30)
AFTER_S = NOW_S + 30 * 86_400
BY = By("engineer", "10.0.0.9", "lost")
AUTHORITY = new_authority(NOW)[0]


def give(db: sqlite3.Connection, gateway: str = "ward-a", at_s: int = NOW_S) -> str:
    return serial_of(issue(db, AUTHORITY, gateway, KEY, at_s, life=LIFE))


def let_in(db: sqlite3.Connection, utc_s: int = NOW_S) -> dict[str, str]:
    return users(db.execute(CERTIFICATES, (utc_s,)).fetchall(), utc_s)


def revision(db: sqlite3.Connection) -> int:
    return db.execute("SELECT value FROM meta WHERE key = 'registry'").fetchone()[0]


def test_each_certificate_is_a_user_of_its_own(db: sqlite3.Connection) -> None:
    serials = give(db), give(db), give(db, "ward-b")
    assert let_in(db) == {
        f"SERIALNUMBER={serials[0]},CN=ward-a,O=Wardlink": "ward-a",
        f"SERIALNUMBER={serials[1]},CN=ward-a,O=Wardlink": "ward-a",
        f"SERIALNUMBER={serials[2]},CN=ward-b,O=Wardlink": "ward-b",
    }


def test_its_name_is_the_subject_of_the_certificate(db: sqlite3.Connection) -> None:
    one = issue(db, AUTHORITY, "ward-a", KEY, NOW_S, life=LIFE)
    subject = one.subject.rfc4514_string({NameOID.SERIAL_NUMBER: "SERIALNUMBER"})
    assert distinguished_name("ward-a", serial_of(one)) == subject


def test_the_whole_certificate_is_kept(db: sqlite3.Connection) -> None:
    one = issue(db, AUTHORITY, "ward-a", KEY, NOW_S, life=LIFE)
    row = db.execute("SELECT * FROM certificate").fetchone()
    assert x509.load_der_x509_certificate(row["der"]) == one
    assert (row["issued_utc_s"], row["expires_utc_s"], row["revoked_utc_s"]) == (NOW_S, AFTER_S, None)


def test_one_that_has_expired_lets_nobody_in(db: sqlite3.Connection) -> None:
    give(db)
    rows = db.execute(CERTIFICATES, (NOW_S,)).fetchall()
    assert users(rows, AFTER_S - 1)
    assert not users(rows, AFTER_S)
    assert db.execute(CERTIFICATES, (AFTER_S,)).fetchall() == []


def test_one_certificate_is_revoked_and_no_other(db: sqlite3.Connection) -> None:
    lost, kept, other = give(db), give(db), give(db, "ward-b")
    assert revoke(db, "ward-a", BY, NOW_S * 1_000_000, lost) == [lost]
    assert set(let_in(db)) == {distinguished_name("ward-a", kept), distinguished_name("ward-b", other)}


def test_all_of_a_gateway_are_revoked_and_none_of_another(db: sqlite3.Connection) -> None:
    mine, other = {give(db), give(db)}, give(db, "ward-b")
    assert set(revoke(db, "ward-a", BY, NOW_S * 1_000_000)) == mine
    assert let_in(db) == {distinguished_name("ward-b", other): "ward-b"}


def test_a_revocation_says_who_when_from_where_and_why(db: sqlite3.Connection) -> None:
    serial = give(db)
    revoke(db, "ward-a", BY, NOW_S * 1_000_000)
    row = db.execute("SELECT revoked_utc_s, why FROM certificate").fetchone()
    assert tuple(row) == (NOW_S, "lost")
    entry = db.execute("SELECT entry FROM audit").fetchone()[0]
    for part in ('"certificate-revoked"', '"engineer"', '"10.0.0.9"', '"lost"', serial, '"gateway/ward-a"'):
        assert part in entry


def test_revoking_again_changes_nothing_and_keeps_the_first_reason(db: sqlite3.Connection) -> None:
    give(db)
    revoke(db, "ward-a", BY, NOW_S * 1_000_000)
    before = revision(db)
    assert revoke(db, "ward-a", By("other"), NOW_S * 1_000_001) == []
    assert (trail(db), revision(db)) == (["certificate-revoked done"], before)
    assert db.execute("SELECT why FROM certificate").fetchone()[0] == "lost"


def test_a_serial_of_another_gateway_is_not_revoked_by_mistake(db: sqlite3.Connection) -> None:
    give(db)
    other = give(db, "ward-b")
    with pytest.raises(NotFound, match="look at the list"):
        revoke(db, "ward-a", BY, 0, other)
    assert len(let_in(db)) == 2


def test_a_running_controller_sees_each_change_by_the_revision(db: sqlite3.Connection) -> None:
    before = revision(db)
    give(db)
    assert revision(db) == before + 1
    revoke(db, "ward-a", BY, 0)
    assert revision(db) == before + 2


def test_only_a_provisioned_gateway_gets_one(db: sqlite3.Connection, authority: Authority) -> None:
    with pytest.raises(EnrolmentRefused, match="provision it first"):
        issue(db, authority, "ward-z", KEY, NOW_S, life=LIFE)
    with pytest.raises(NotFound, match="provision it first"):
        issue(db, authority, "nobody", KEY, NOW_S, life=LIFE)


def test_a_gateway_that_is_no_longer_provisioned_is_out_whatever_it_holds(db: sqlite3.Connection) -> None:
    give(db)
    assert let_in(db)
    db.execute("UPDATE gateway SET provisioned = 0")
    assert not let_in(db)


def test_certificates_of_years_ago_cost_nothing_each_second(db: sqlite3.Connection) -> None:
    plan = " ".join(row["detail"] for row in db.execute("EXPLAIN QUERY PLAN " + CERTIFICATES, (NOW_S,)))
    assert "SEARCH certificate USING COVERING INDEX certificate_now (expires_utc_s>?)" in plan


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ward-a", "ward-b"]), st.integers(-40, 0), st.booleans()), max_size=6
    ),
    st.integers(0, 40),
)
def test_exactly_the_unrevoked_and_unexpired_ones_let_in(
    db: sqlite3.Connection, given_: list[tuple[str, int, bool]], later: int
) -> None:
    db.execute("DELETE FROM certificate")
    now_s, expected = NOW_S + later * 86_400, set()
    for gateway, days, revoked in given_:
        serial = give(db, gateway, NOW_S + days * 86_400)
        if revoked:
            revoke(db, gateway, BY, 0, serial)
        elif days + 30 > later:
            expected.add(distinguished_name(gateway, serial))
    assert set(let_in(db, now_s)) == expected

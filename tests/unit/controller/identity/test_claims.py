"""A token is good once: for one gateway, one key, one day, and again for that key when the reply was lost."""

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from controller.errors import EnrolmentRefused
from controller.identity.authority import Authority, name_of, new_authority
from controller.identity.certificates import By, revoke
from controller.identity.claims import LIFE_S, Attempt, end, make, spend
from controller.store.migrate import migrate
from tests.support.signing import p256, signing_request
from tests.unit.controller.identity.conftest import NOW, NOW_S, trail

LIFE = timedelta(days=30)
TOKEN, OTHER = "t" * 22, "u" * 22
KEY, THIEF = p256(), p256()
AUTHORITY = new_authority(NOW)[0]


def ask(
    db: sqlite3.Connection,
    token: str = TOKEN,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = KEY,
    *,
    gateway: str = "ward-a",
    name: str = "ward-a",
    at_s: int = NOW_S,
) -> Any:
    """The certificate, or the code of the refusal."""
    attempt = Attempt(gateway, token, signing_request(key, name), "10.0.0.9")
    given = spend(db, AUTHORITY, attempt, at_s * 1_000_000, LIFE)
    return given.code if isinstance(given, EnrolmentRefused) else given


def certificates(db: sqlite3.Connection) -> int:
    return db.execute("SELECT count(*) FROM certificate").fetchone()[0]


def test_a_token_gives_its_gateway_a_certificate_for_its_key(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    given = ask(db)
    assert (name_of(given), given.public_key()) == ("ward-a", KEY.public_key())
    assert given.not_valid_after_utc == NOW + LIFE
    assert trail(db) == ["gateway-enrolled done"]


def test_the_same_key_gets_the_same_certificate_again_so_a_lost_reply_costs_nothing(
    db: sqlite3.Connection,
) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    assert ask(db) == ask(db) == ask(db, at_s=NOW_S + 2 * LIFE_S)
    assert certificates(db) == 1


def test_another_key_is_refused_and_the_first_keeps_what_it_has(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    first = ask(db)
    assert ask(db, key=THIEF) == "used-token"
    assert ask(db) == first
    assert trail(db)[1] == "gateway-enrolled refused used-token"


def test_the_token_itself_is_nowhere_in_the_database(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    ask(db)
    ask(db, key=THIEF)
    assert TOKEN not in "\n".join(db.iterdump())
    assert TOKEN.encode().hex().upper() not in "\n".join(db.iterdump()).upper()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": OTHER}, "unknown-token"),
        ({"token": ""}, "unknown-token"),
        ({"token": TOKEN.upper()}, "unknown-token"),
        ({"gateway": "ward-b", "name": "ward-b"}, "foreign-token"),
        ({"gateway": "nobody", "name": "nobody"}, "foreign-token"),
        ({"name": "ward-b"}, "foreign-name"),
        ({"name": "controller"}, "foreign-name"),
        ({"key": rsa.generate_private_key(65537, 2048)}, "bad-key"),
        ({"at_s": NOW_S + LIFE_S}, "expired-token"),
    ],
)
def test_every_refusal_is_in_the_trail_and_spends_nothing(
    db: sqlite3.Connection, changes: dict[str, Any], code: str
) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    assert ask(db, **changes) == code
    assert trail(db) == [f"gateway-enrolled refused {code}"]
    assert certificates(db) == 0
    assert isinstance(ask(db, at_s=NOW_S + LIFE_S - 1), x509.Certificate)  # the right one, in time, still may


def test_a_new_claim_ends_the_unused_one_before_it(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    make(db, "ward-b", "w" * 22, NOW_S)
    make(db, "ward-a", OTHER, NOW_S + 1)
    assert ask(db) == "ended-token"
    assert ask(db, OTHER).public_key() == KEY.public_key()
    assert isinstance(ask(db, "w" * 22, gateway="ward-b", name="ward-b"), x509.Certificate)


def test_a_new_claim_leaves_a_used_one_to_who_lost_the_reply(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    first = ask(db)
    make(db, "ward-a", OTHER, NOW_S)
    assert ask(db) == first


def test_a_claim_that_was_ended_gives_nothing(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    end(db, "ward-a")
    assert ask(db) == "ended-token"


def test_a_revoked_certificate_is_not_given_again(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    ask(db)
    revoke(db, "ward-a", By("engineer"), NOW_S * 1_000_000)
    assert ask(db) == "revoked"


def test_a_decommissioned_gateway_gets_nothing_for_a_good_token(db: sqlite3.Connection) -> None:
    make(db, "ward-a", TOKEN, NOW_S)
    db.execute("UPDATE gateway SET provisioned = 0")
    assert ask(db) == "decommissioned"


def test_a_token_is_spent_with_its_certificate_or_not_at_all(
    db: sqlite3.Connection, authority: Authority
) -> None:
    """A power cut before the commit: nothing has happened, and the token still is good."""
    make(db, "ward-a", TOKEN, NOW_S)
    db.execute("BEGIN IMMEDIATE")
    assert isinstance(ask(db), x509.Certificate)
    db.execute("ROLLBACK")
    assert (certificates(db), trail(db)) == (0, [])
    assert isinstance(ask(db, key=THIEF), x509.Certificate)


GATEWAYS = st.sampled_from(["ward-a", "ward-b"])
KEYS = st.sampled_from([p256(), p256(), p256()])


class Tokens(RuleBasedStateMachine):
    """Whatever engineers, gateways and thieves do in whatever order: no token ever serves two keys."""

    @initialize()
    def begin(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        migrate(self.db)
        for gateway in ("ward-a", "ward-b"):
            row = "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES (?, ?, 0, 1)"
            self.db.execute(row, (gateway, gateway))
        self.now_s = NOW_S
        self.made: dict[str, tuple[str, int]] = {}
        self.served: dict[str, set[bytes]] = {}

    @rule(gateway=GATEWAYS)
    def engineer_makes_a_claim(self, gateway: str) -> None:
        token = f"{len(self.made):022}"
        make(self.db, gateway, token, self.now_s)
        self.made[token] = gateway, self.now_s

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now_s += hours * 3600

    @rule(number=st.integers(0, 9), gateway=GATEWAYS, name=GATEWAYS, key=KEYS)
    def somebody_asks(self, number: int, gateway: str, name: str, key: ec.EllipticCurvePrivateKey) -> None:
        token = f"{number:022}"
        given = ask(self.db, token, key, gateway=gateway, name=name, at_s=self.now_s)
        if isinstance(given, str):
            return
        owner, made_s = self.made[token]
        assert owner == gateway == name == name_of(given)
        assert token in self.served or self.now_s < made_s + LIFE_S
        self.served.setdefault(token, set()).add(given.public_key().public_numbers().x.to_bytes(32, "big"))  # type: ignore[union-attr]

    @invariant()
    def no_token_serves_two_keys_or_gives_two_certificates(self) -> None:
        assert all(len(keys) == 1 for keys in self.served.values())
        assert certificates(self.db) == len(self.served)

    def teardown(self) -> None:
        self.db.close()


Tokens.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestTokens = Tokens.TestCase

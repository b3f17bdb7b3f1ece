"""What is held for logins that are under way is bounded in number and time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import LoginRefused
from controller.security import buckets, challenges
from controller.security.buckets import Buckets
from controller.security.challenges import Challenges
from controller.security.oidc import pending
from controller.security.oidc.pending import PendingLogins
from controller.security.passkey_answer import answer_of
from tests.support.authenticator import b64
from tests.unit.controller.conftest import TestClock


class PassingClock(TestClock):
    """Time passes when a test says so."""

    def let_pass(self, seconds: float) -> None:
        self.at_us += int(seconds * 1_000_000)


@pytest.fixture
def clock() -> PassingClock:
    return PassingClock()


def test_a_bucket_gives_what_it_holds_then_says_how_long_to_wait(clock: PassingClock) -> None:
    held = Buckets(clock, per_s=0.5, holds=3)
    assert [held.take("a") for _ in range(4)] == [0, 0, 0, 2]
    assert held.take("b") == 0
    clock.let_pass(1)
    assert held.take("a") == 1
    clock.let_pass(1)
    assert [held.take("a") for _ in range(2)] == [0, 2]
    clock.let_pass(3600)
    assert [held.take("a") for _ in range(4)] == [0, 0, 0, 2]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50))
def test_no_pattern_of_waiting_gives_more_than_the_rate(pauses: list[float]) -> None:
    clock = PassingClock()
    held, given_ = Buckets(clock, per_s=1, holds=5), 0
    for pause in pauses:
        clock.let_pass(pause)
        given_ += sum(held.take("a") == 0 for _ in range(7))
    assert given_ <= 5 + sum(pauses) + 1e-6


def test_keys_that_are_many_are_forgotten_the_oldest_first(
    clock: PassingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "KEPT", 2)
    held = Buckets(clock, per_s=1, holds=1)
    assert [held.take(key) for key in "aabca"] == [0, 1, 0, 0, 0]


def test_of_many_logins_at_one_address_its_own_oldest_is_forgotten(
    clock: PassingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "MOST_OF_ADDRESS", 3)
    held = PendingLogins(clock)
    calm = held.begin("10.0.0.1", None)
    flood = [held.begin("10.0.0.9", None) for _ in range(10)]
    for state in (calm.state, flood[-1].state):
        assert held.take(state, state).state == state
    with pytest.raises(LoginRefused, match="begin again"):
        held.take(flood[0].state, flood[0].state)


def test_of_many_addresses_the_oldest_login_is_forgotten(
    clock: PassingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "MOST", 3)
    held = PendingLogins(clock)
    begun = [held.begin(f"10.0.0.{number}", None) for number in range(4)]
    with pytest.raises(LoginRefused):
        held.take(begun[0].state, begun[0].state)
    assert held.take(begun[1].state, begun[1].state) == begun[1]


def test_no_two_logins_share_a_secret_and_the_challenge_is_of_the_verifier(clock: PassingClock) -> None:
    held = PendingLogins(clock)
    begun = [held.begin("10.0.0.1", None) for _ in range(50)]
    secrets = {text for one in begun for text in (one.state, one.nonce, one.verifier)}
    assert len(secrets) == 150
    assert all(len(one.verifier) == len(one.challenge) == 43 for one in begun)


def test_a_challenge_is_for_one_purpose_one_answer_and_two_minutes(clock: PassingClock) -> None:
    held = Challenges(clock)
    challenge = held.give("login")
    with pytest.raises(LoginRefused):
        held.take("register", challenge)
    held.take("login", challenge)
    with pytest.raises(LoginRefused):
        held.take("login", challenge)
    late = held.give("login")
    clock.let_pass(challenges.LIFE_S)
    with pytest.raises(LoginRefused):
        held.take("login", late)


def test_challenges_without_an_answer_do_not_pile_up(
    clock: PassingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenges, "MOST", 5)
    held = Challenges(clock)
    given_ = [held.give("login") for _ in range(20)]
    assert len(held._held) == 5
    held.take("login", given_[-1])
    clock.let_pass(challenges.LIFE_S)
    held.give("login")
    assert len(held._held) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=40).map(b64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.fixed_dictionaries({}, optional={"id": JSON, "response": JSON})
RESPONSES = st.fixed_dictionaries({}, optional={"clientDataJSON": JSON, "userHandle": JSON})


@given(MEMBERS | st.fixed_dictionaries({"id": st.just("YQ"), "response": RESPONSES}))
def test_whatever_comes_in_a_credential_s_place_is_read_or_refused(credential: dict[str, object]) -> None:
    try:
        answer = answer_of(credential)
    except LoginRefused:
        return
    assert isinstance(answer.challenge, bytes)

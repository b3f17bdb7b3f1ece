"""Leases of shards: one holder at a time, whatever clocks and pauses do; shared fairly; taken over soon."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.shards import table
from controller.shards.hashing import SHARDS
from controller.shards.leases import APART_US, BEAT_US, MARGIN_US, TTL_US
from tests.support.shards import Replica, World

STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),  # who
        st.sampled_from(("beat", "beat", "beat", "commit", "commit", "receipt")),
        st.integers(0, 5),  # which shard
        st.sampled_from((0, 1_000, BEAT_US // 2, BEAT_US, TTL_US - MARGIN_US, TTL_US, 3 * TTL_US)),  # after
        st.booleans(),
        st.sampled_from((0, 0, BEAT_US, TTL_US - MARGIN_US - 1, TTL_US)),  # waited for the database
    ),
    max_size=80,
)


def three(rates: tuple[float, float, float]) -> tuple[World, list[Replica]]:
    world = World()
    return world, [Replica(world, f"r{at}", rate, at * 10**12) for at, rate in enumerate(rates)]


def one_holder_a_token(world: World) -> None:
    for done in world.committed.values():
        assert all(later[1] >= earlier[1] for earlier, later in pairwise(done))
        assert len({token for _, token in done}) == len(set(done))


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.floats(0.01, 100)] * 3), STEPS)
def test_however_wrong_the_clocks_no_two_commit_under_one_token_nor_under_an_old_one(
    rates: tuple[float, float, float], steps: list[tuple[int, str, int, int, bool, int]]
) -> None:
    world, replicas = three(rates)
    for who, what, shard, after_us, drained, waited_us in steps:
        world.now_us += after_us
        if what == "beat":
            replicas[who].beat(drained=drained, waited_us=waited_us)
        else:
            replicas[who].commit(shard)
    one_holder_a_token(world)


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.floats(0.92, 1.08)] * 3), STEPS)
def test_with_clocks_within_the_margin_nobody_may_receipt_what_another_has_taken_over(
    rates: tuple[float, float, float], steps: list[tuple[int, str, int, int, bool, int]]
) -> None:
    world, replicas = three(rates)
    for who, what, shard, after_us, drained, waited_us in steps:
        world.now_us += after_us
        if what == "beat":
            replicas[who].beat(drained=drained, waited_us=waited_us)
        elif what == "commit":
            replicas[who].commit(shard)
        may = [one.name for one in replicas if one.may_receipt(shard)]
        assert len(may) <= 1
        assert not may or world.holders()[shard] == may[0]
    one_holder_a_token(world)


def beats(world: World, replicas: list[Replica], us: int) -> None:
    for _ in range(us // BEAT_US):
        world.now_us += BEAT_US
        for one in replicas:
            one.beat()


def test_a_replica_that_is_gone_is_followed_within_its_time_and_two_beats() -> None:
    world, replicas = three((1.0, 0.93, 1.07))
    beats(world, replicas, 10 * TTL_US)
    last_us = world.now_us
    while "r0" in world.holders().values():
        world.now_us += BEAT_US
        for one in replicas[1:]:
            one.beat()
    assert world.now_us - last_us <= TTL_US / 0.93 + 2 * BEAT_US
    assert set(world.holders().values()) == {"r1", "r2"}
    assert [one.leases.live for one in replicas[1:]] == [2, 2]
    assert world.db.execute("SELECT id FROM replica ORDER BY id").fetchall() == [("r1",), ("r2",)]


def test_after_a_time_in_which_nobody_could_renew_everybody_has_what_it_had() -> None:
    world, replicas = three((1.0, 0.93, 1.07))
    beats(world, replicas, 10 * TTL_US)
    before = world.db.execute("SELECT shard, holder, token FROM shard_lease").fetchall()
    world.now_us += 3 * TTL_US
    assert not any(one.may_receipt(shard) for one in replicas for shard in range(SHARDS))
    beats(world, replicas[::-1], 10 * TTL_US)  # who asks first has heard of the others' last beats
    assert world.db.execute("SELECT shard, holder, token FROM shard_lease").fetchall() == before
    assert all(any(one.may_receipt(shard) for one in replicas) for shard in range(SHARDS))


def test_one_that_died_while_nobody_could_renew_is_followed_within_its_time_afterwards() -> None:
    world, replicas = three((1.0, 0.93, 1.07))
    beats(world, replicas, 10 * TTL_US)
    world.now_us += 3 * TTL_US
    beats(world, replicas[1:], int(TTL_US / 0.93) + 3 * BEAT_US)
    assert set(world.holders().values()) == {"r1", "r2"}


def test_each_of_three_gets_its_share_and_gives_up_what_is_more() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    shares: list[list[int]] = []
    for count in (1, 2, 3):
        beats(world, replicas[:count], 4 * TTL_US)
        shares.append(sorted(len(one.leases.held) for one in replicas[:count]))
    assert shares == [[64], [32, 32], [20, 22, 22]]


def test_what_is_given_up_is_first_left_and_released_once_it_is_drained() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    a, b, _ = replicas
    beats(world, [a], BEAT_US)
    b.beat()
    a.beat(drained=False)
    a.beat(drained=False)
    assert (len(a.leases.held), len(a.leases.serving)) == (SHARDS, 32)
    a.beat(drained=True)
    b.beat()
    assert (a.leases.serving, len(a.leases.held), len(b.leases.held)) == (a.leases.held.keys(), 32, 32)


def test_one_that_was_frozen_past_its_lease_commits_nothing_and_knows_before_it_asks() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    frozen, other, _ = replicas
    beats(world, [frozen], BEAT_US)
    assert frozen.commit(0)
    beats(world, [other], 3 * TTL_US)
    assert not frozen.may_receipt(0)
    assert not frozen.commit(0)
    assert other.commit(0)
    assert [token for _, token in world.committed[0]] == [1, 2]


def test_one_that_nobody_followed_goes_on_under_its_token() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    beats(world, replicas[:1], BEAT_US)
    world.now_us += 10 * TTL_US
    assert not replicas[0].may_receipt(0)
    replicas[0].beat()
    assert replicas[0].may_receipt(0)
    assert replicas[0].commit(0)
    assert world.committed[0] == [("r0", 1)]


def test_one_that_ends_in_order_is_followed_at_once() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    beats(world, replicas[:1], BEAT_US)
    table.leave(world.db, "r0")
    replicas[1].beat()
    assert set(world.holders().values()) == {"r1"}


def test_what_was_planned_before_a_shard_was_lost_is_not_committed_when_it_is_had_again() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    a, b, _ = replicas
    beats(world, [a], BEAT_US)
    planned_under = a.fence.tokens
    assert a.commit(5, planned_under)
    beats(world, [b], 4 * TTL_US)  # a stands still: b has everything
    assert b.commit(5)
    beats(world, [a], 4 * TTL_US)  # now b does
    assert world.holders()[5] == "r0"
    assert not a.commit(5, planned_under)
    assert a.commit(5)
    assert [token for _, token in world.committed[5]] == [1, 2, 3]


def test_one_that_is_cut_off_from_a_broker_gives_all_to_those_that_are_not_until_it_hears_as_much() -> None:
    world, replicas = three((1.0, 0.93, 1.07))
    beats(world, replicas, 4 * TTL_US)
    replicas[0].heard_at = 2
    beats(world, replicas, APART_US - BEAT_US)
    assert len(replicas[0].leases.held) > 0
    beats(world, replicas, TTL_US)
    assert [len(one.leases.held) for one in replicas] == [0, 32, 32]
    replicas[0].heard_at = 3
    beats(world, replicas, 2 * TTL_US)
    assert sorted(len(one.leases.held) for one in replicas) == [20, 22, 22]


def test_a_broker_that_is_gone_for_all_moves_no_shard_however_late_one_notices_it() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    beats(world, replicas, 4 * TTL_US)
    before = world.db.execute("SELECT shard, holder, token FROM shard_lease").fetchall()
    for one in replicas:
        one.heard_at = 2
        beats(world, replicas, APART_US // 2 - BEAT_US)
    beats(world, replicas, 2 * APART_US)
    assert world.db.execute("SELECT shard, holder, token FROM shard_lease").fetchall() == before


def test_one_that_is_cut_off_from_a_broker_holds_all_if_the_others_die_or_do_not_say_what_they_hear() -> None:
    world, replicas = three((1.0, 1.0, 1.0))
    replicas[0].heard_at = 0
    beats(world, replicas[:2], APART_US + TTL_US)
    assert not replicas[0].leases.held
    beats(world, replicas[:1], TTL_US + 2 * BEAT_US)
    assert len(replicas[0].leases.held) == SHARDS
    replicas[2].heard_at = None  # of an older release
    beats(world, [replicas[0], replicas[2]], 2 * APART_US)
    assert len(replicas[0].leases.held) == SHARDS // 2

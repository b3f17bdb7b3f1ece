"""Replicas store at the same time only if each of them knows that."""

from pathlib import Path

from controller.shards.leases import TTL_US
from tests.unit.controller.conftest import Desk
from tests.unit.controller.shards.test_replica import both


async def test_beside_one_of_an_older_release_everybody_stores_in_turn(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, second = await both(desk, restarted, tmp_path)
    assert first.replica.is_fenced
    await desk.store.write(lambda db: db.execute("INSERT INTO replica (id, beat) VALUES ('older', 1)"))
    await first.turns()
    await second.turns()
    assert not first.replica.is_fenced
    assert not second.replica.is_fenced
    for _ in range(2 * TTL_US // 500_000):  # it does not come back
        await first.turns()
        await second.turns()
    assert first.replica.is_fenced
    assert second.replica.is_fenced


async def test_before_its_first_turn_none_does(desk: Desk, restarted: Desk, tmp_path: Path) -> None:
    _, second = await both(desk, restarted, tmp_path)
    assert not second.replica.is_fenced

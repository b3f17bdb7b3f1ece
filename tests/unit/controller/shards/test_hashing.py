"""Shards of gateways: the same everywhere, for ever."""

from collections import Counter

from controller.shards.hashing import SHARDS, shard_of


def test_a_gateways_shard_is_the_first_byte_of_its_names_sha_256() -> None:
    assert [shard_of(name) for name in ("ward-a", "ward-b", "ambulance-7", "病房-3")] == [50, 16, 46, 50]


def test_gateways_spread_over_all_shards() -> None:
    spread = Counter(shard_of(f"gateway-{number}") for number in range(6400))
    assert len(spread) == SHARDS
    assert 50 < min(spread.values()) <= max(spread.values()) < 150

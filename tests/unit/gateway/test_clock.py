"""UTC is given only when the host knows it, with how sure it is."""

from devices.model.observation import later
from devices.wire.block import BlockClock, Sync
from gateway.clock import KernelSync, SystemClock, boot_id, kernel_sync

BOOT = bytes(range(16))
YEAR_2026_NS = 1_780_000_000_000_000_000


def clock(utc_ns: int, *, disciplined: bool = True) -> SystemClock:
    return SystemClock(BOOT, lambda: 5_000_999, lambda: utc_ns, lambda: KernelSync(disciplined, 1234))


def test_a_host_in_1970_has_no_utc() -> None:
    assert clock(86_400 * 10**9).block_clock() == BlockClock(BOOT, 5000, None, Sync.UNSET, None)


def test_the_last_moment_of_2024_is_still_unset_and_the_next_is_not() -> None:
    assert clock(1_735_689_599_999_999_999).block_clock().sync == Sync.UNSET
    assert clock(1_735_689_600_000_000_000).block_clock().sync == Sync.NETWORK


def test_a_disciplined_clock_says_how_far_off_it_may_be() -> None:
    expected = BlockClock(BOOT, 5000, YEAR_2026_NS // 1000, Sync.NETWORK, 1234)
    assert clock(YEAR_2026_NS).block_clock() == expected


def test_a_clock_that_runs_by_itself_does_not_claim_an_error() -> None:
    expected = BlockClock(BOOT, 5000, YEAR_2026_NS // 1000, Sync.FREE, None)
    assert clock(YEAR_2026_NS, disciplined=False).block_clock() == expected


def test_now_is_the_monotonic_time() -> None:
    assert clock(YEAR_2026_NS).now() == 5_000_999


def test_the_hosts_own_sources_work() -> None:
    real = SystemClock()
    assert real.now() <= real.now()
    assert real.block_clock().boot == boot_id()
    assert len(boot_id()) == 16
    assert kernel_sync().error_us >= 0


def test_local_time_is_told_for_an_instant_before_or_after_now() -> None:
    here = clock(YEAR_2026_NS)
    now, earlier = here.local_time(here.now()), here.local_time(later(here.now(), -3600))
    assert now is not None
    assert earlier is not None
    assert (now.timestamp(), (now - earlier).total_seconds()) == (YEAR_2026_NS / 1e9, 3600)
    assert now.tzinfo is not None


def test_a_host_in_1970_knows_no_local_time() -> None:
    here = clock(86_400 * 10**9)
    assert here.local_time(here.now()) is None

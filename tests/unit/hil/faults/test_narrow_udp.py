"""A narrow way for UDP: when a packet goes out of it, and which do not."""

import asyncio
from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hil.faults.narrow_udp import Way, narrow_udp
from hil.faults.wan import Conditions


def way() -> Way:
    return Way(Random(1), Counter())


def test_without_conditions_a_packet_goes_out_at_once() -> None:
    assert way().leaves_s(1200, 5.0, Conditions()) == 5.0


def test_packets_wait_for_those_before_them_and_the_queue_is_no_longer_than_that() -> None:
    one, rate = way(), Conditions(rate_bps=80_000, delay_s=0.5, queue_bytes=2500)
    assert [one.leaves_s(1000, 0.0, rate) for _ in range(4)] == [0.6, 0.7, None, None]
    assert one.counts == {"passed": 2, "waited": 3, "overflowed": 2}
    assert one.leaves_s(1000, 0.2, rate) == 0.8


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 0.1), st.integers(50, 1500)), min_size=1, max_size=60),
    st.floats(20e3, 1e6),
    st.floats(0, 0.3),
)
def test_what_goes_out_is_in_order_and_no_more_than_the_rate(
    packets: list[tuple[float, int]], rate_bps: float, loss: float
) -> None:
    one, now, out = way(), 0.0, list[tuple[float, int]]()
    for apart, size in packets:
        now += apart
        at = one.leaves_s(size, now, Conditions(rate_bps=rate_bps, loss=loss, queue_bytes=20_000))
        if at is not None:
            out.append((at, size))
    assert [at for at, _ in out] == sorted(at for at, _ in out)
    if out:
        took = out[-1][0] - out[0][0]
        assert sum(size for _, size in out[1:]) * 8 <= took * rate_bps + 1
    assert one.counts["passed"] + one.counts["lost"] + one.counts["overflowed"] == len(packets)


class _Echo(asyncio.DatagramProtocol):
    """A relay that answers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data.upper(), addr)  # type: ignore[attr-defined]


class _Browser(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard = asyncio.Queue[bytes]()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait(data)


async def test_each_client_has_its_own_way_there_and_back() -> None:
    loop = asyncio.get_running_loop()
    relay, _ = await loop.create_datagram_endpoint(_Echo, local_addr=("127.0.0.1", 0))
    try:
        async with narrow_udp(relay.get_extra_info("sockname")[1]) as link:
            for name in (b"anna", b"ben"):
                browser = _Browser()
                out, _ = await loop.create_datagram_endpoint(
                    lambda kept=browser: kept, remote_addr=("127.0.0.1", link.port)
                )
                out.sendto(name)
                assert await asyncio.wait_for(browser.heard.get(), 5) == name.upper()
                out.close()
            assert link.counts["passed"] == 4
    finally:
        relay.close()

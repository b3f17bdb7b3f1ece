"""The lines for tc that shape an interface, and who shapes one already."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.wire.topics import LANES
from gateway.htb import Root, shaped, state, unshaped

MARKS = {"alert": 46, "vital": 34, "wave": 0, "bulk": 8}
KERNEL = '[{"kind":"pfifo_fast","handle":"0:","root":true,"refcnt":2,"options":{}}]'
MANY_QUEUES = """[{"kind":"mq","handle":"0:","root":true,"options":{}},
{"kind":"fq_codel","handle":"0:","parent":":1","options":{}}]"""
OURS = """[{"kind":"htb","handle":"5741:","root":true,"options":{"default":"0x50"}},
{"kind":"bfifo","handle":"8001:","parent":"5741:10","options":{"limit":15000}}]"""
SOMEBODYS = '[{"kind":"htb","handle":"8001:","root":true,"options":{}}]'
ANOTHER_KIND = '[{"kind":"prio","handle":"5741:","root":true,"options":{}}]'


def classes(lines: list[str]) -> dict[str, tuple[int, int, int]]:
    """Bits a second that are guaranteed, 1000 bit/s at the most, and the rank, by class."""
    found = (
        re.search(r"classid 5741:(\d+)0 htb rate (\d+)bit ceil (\d+)kbit prio (\d)", one) for one in lines
    )
    return {hit[1]: (int(hit[2]), int(hit[3]), int(hit[4])) for hit in found if hit}


def filters(lines: list[str]) -> list[tuple[str, str, int]]:
    """Protocol, class and traffic class, in the order in which they are tried."""
    pattern = r"protocol (\w+) prio (\d+) u32 match ip\w? \w+ (0x\w+) 0xfc flowid 5741:(\d+)0"
    found = [hit for one in lines if (hit := re.search(pattern, one))]
    return [(hit[1], hit[4], int(hit[3], 16)) for hit in sorted(found, key=lambda hit: int(hit[2]))]


def test_each_lane_has_a_class_and_the_more_urgent_one_goes_first() -> None:
    made = classes(shaped("wwan0", 1000, MARKS))
    assert [made[n][2] for n in sorted(made)] == [0, 1, 2, 3, 4]
    assert made["1"] == (400_000, 1000, 0)


def test_packets_are_known_by_their_dscp_over_ipv4_and_ipv6() -> None:
    of_alerts, *_ = made = filters(shaped("wwan0", 1000, MARKS))
    assert of_alerts == ("ip", "1", 46 << 2)
    assert [(protocol, n) for protocol, n, _ in made] == [
        (protocol, str(n + 1)) for n in range(len(LANES)) for protocol in ("ip", "ipv6")
    ]


def test_of_two_lanes_with_the_same_mark_the_more_urgent_one_counts() -> None:
    tried = filters(shaped("wwan0", 1000, {**MARKS, "wave": 46}))
    assert next(n for protocol, n, mark in tried if protocol == "ip" and mark == 46 << 2) == "1"


@given(
    st.integers(16, 1_000_000),
    st.fixed_dictionaries({lane: st.integers(0, 63) for lane in LANES}),
)
def test_all_that_is_guaranteed_is_what_there_is_and_each_may_have_all(
    kbit: int, marks: dict[str, int]
) -> None:
    lines = shaped("wwan0", kbit, marks)
    made = classes(lines)
    assert sum(rate for rate, _, _ in made.values()) == kbit * 1000
    assert {ceil for _, ceil, _ in made.values()} == {kbit}
    assert {mark for _, _, mark in filters(lines)} == {mark << 2 for mark in marks.values()}
    assert all(" dev wwan0 " in line for line in lines)


@pytest.mark.parametrize(
    ("listed", "whose"),
    [
        (KERNEL, Root.KERNEL),
        (MANY_QUEUES, Root.KERNEL),
        ("[]", Root.KERNEL),
        (OURS, Root.OURS),
        (SOMEBODYS, Root.SOMEBODY),
        (ANOTHER_KIND, Root.SOMEBODY),
    ],
)
def test_whose_an_interface_s_root_is(listed: str, whose: Root) -> None:
    assert state(listed) is whose


def test_the_kernel_s_own_comes_back_when_the_root_goes() -> None:
    assert unshaped("wwan0") == "qdisc del dev wwan0 root"

"""Shaping by Linux's HTB, as lines for `tc -batch`: a class for each lane, by the DSCP of its packets. Pure.

shaped("wwan0", 1000, {"alert": 46, "vital": 34, "wave": 0, "bulk": 8})     lines that shape
state(json_of_tc)                          what shapes an interface now: the KERNEL, OURS or SOMEBODY's
"""

import json
from collections.abc import Mapping
from enum import Enum

from devices.wire.topics import LANES

_ROOT = "5741:"
"""The handle by which a root is known as the gateway's, also after a crash."""
_SHARES = {"alert": 40, "vital": 25, "wave": 15, "bulk": 5}
_REST_SHARE = 15
"""What is guaranteed, per cent; whatever is not used goes to who wants it, the most urgent lane first."""
_QUANTUM, _QUEUE_S, _LEAST_QUEUE = 1514, 1, 15_000
"""Bytes of a class's turn, and of what may wait in it: a second's, but a few packets at the least."""
_DSCP_MASK = "0xfc"
"""The upper six bits of the traffic class (RFC 2474, 3)."""


class Root(Enum):
    """Who set what shapes an interface."""

    KERNEL = 0
    OURS = 1
    SOMEBODY = 2


def shaped(interface: str, kbit: int, marks: Mapping[str, int]) -> list[str]:
    """Lines that shape what leaves by `interface`, which has the kernel's root, to `kbit` (1000 bit/s).

    `marks`: the DSCP of each lane. Where two have the same, packets count as the more urgent lane's. What has
    no lane's mark gets the rest: people at work there, too, and the network's own ARP.
    """
    rest = len(LANES) + 1
    lines = [
        f"qdisc add dev {interface} root handle {_ROOT} htb default {rest}0",
        f"class add dev {interface} parent {_ROOT} classid {_ROOT}1 "
        f"htb rate {kbit}kbit ceil {kbit}kbit quantum {_QUANTUM}",
    ]
    for n, lane in enumerate(LANES, 1):
        lines += _class(interface, n, kbit, _SHARES[lane])
        lines += _filters(interface, n, marks[lane])
    return [*lines, *_class(interface, rest, kbit, _REST_SHARE)]


def unshaped(interface: str) -> str:
    """The line that gives the kernel's own back."""
    return f"qdisc del dev {interface} root"


def state(listed: str) -> Root:
    """Who shapes: from what `tc -j qdisc show dev NAME` said. Raises ValueError: it is not that."""
    root = next((one for one in json.loads(listed) if one.get("root")), {"handle": "0:"})
    # The kernel gives its own the handle 0:, and numbers what somebody else adds without one from 8001: on.
    if root["handle"] == "0:":
        return Root.KERNEL
    return Root.OURS if (root["kind"], root["handle"]) == ("htb", _ROOT) else Root.SOMEBODY


def _class(interface: str, n: int, kbit: int, share: int) -> list[str]:
    queue = max(_LEAST_QUEUE, kbit * 125 * _QUEUE_S)
    return [
        f"class add dev {interface} parent {_ROOT}1 classid {_ROOT}{n}0 "
        f"htb rate {kbit * share * 10}bit ceil {kbit}kbit prio {n - 1} quantum {_QUANTUM}",
        f"qdisc add dev {interface} parent {_ROOT}{n}0 bfifo limit {queue}",
    ]


def _filters(interface: str, n: int, dscp: int) -> list[str]:
    """Filters are tried in the order of their `prio`, and one of those has one protocol."""
    fields = {"ip": "ip dsfield", "ipv6": "ip6 priority"}
    return [
        f"filter add dev {interface} parent {_ROOT} protocol {protocol} prio {2 * n + order} "
        f"u32 match {name} {dscp << 2:#04x} {_DSCP_MASK} flowid {_ROOT}{n}0"
        for order, (protocol, name) in enumerate(fields.items())
    ]

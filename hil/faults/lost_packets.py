"""TCP packets that vanish: nobody is told, as when a network falls apart between two who talk.

    with LostPackets([5432, 8080]) as lost:      # to these ports of this machine, and from them
        ...
    lost.count                                   # so many did

By nftables (nft(8)), whose rules are this network namespace's own. Needs root.
"""

import json
import subprocess
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from hil.errors import NotReady

_TABLE = "wardlink_lost"
_RULES = """table inet {table} {{
  counter lost {{ }}
  chain arriving {{
    type filter hook input priority 0;
    tcp dport {{ {ports} }} counter name lost drop
    tcp sport {{ {ports} }} counter name lost drop
  }}
}}
"""


class LostPackets:
    """Inside the block. Raises NotReady: no root, or no nft."""

    def __init__(self, ports: Iterable[int]) -> None:
        self._ports = ", ".join(map(str, ports))
        self.count = 0
        """Packets that were lost; known afterwards."""

    def __enter__(self) -> Self:
        _nft("-f", "-", given=_RULES.format(table=_TABLE, ports=self._ports))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        told = json.loads(_nft("-j", "list", "counters", "table", "inet", _TABLE))["nftables"]
        self.count = sum(one["counter"]["packets"] for one in told if "counter" in one)
        _nft("delete", "table", "inet", _TABLE)


def _nft(*words: str, given: str = "") -> str:
    try:
        done = subprocess.run(["nft", *words], input=given, capture_output=True, text=True, check=True)
    except OSError as error:
        raise NotReady(f"nft cannot be started ({error}): apt-get install nftables") from error
    except subprocess.CalledProcessError as error:
        raise NotReady(f"nft {' '.join(words)}: {error.stderr.strip()}: run this as root") from error
    return done.stdout

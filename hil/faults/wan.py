"""A bad wide-area network between a gateway and a controller on this machine, packet by packet.

    async with Wan() as wan:                      # in a network namespace of one's own
        ...                                       # the gateway connects to mqtts://HOSPITAL:port
        await wan.set(delay_s=0.3, loss=0.2)
        before = await wan.counts()
        await wan.orphan()                        # what was connected is half-open now

The kernel's TCP runs over it, with its own retransmissions, timers and congestion control. The network is a
process of its own (`hil.faults.wan_process`), so that a busy campaign does not disturb its timing.
"""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hil.errors import NotReady

GATEWAY, HOSPITAL = "10.99.0.1", "10.99.0.2"
"""Where packets come from, and where they go: what is sent to HOSPITAL arrives at 127.0.0.1."""
SECOND_GATEWAY = "10.98.0.1"
"""Where they come from over a second uplink."""
_ROOT = Path(__file__).parents[2]
_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """One direction of the network; the defaults are a perfect one.

    `delay_s` ± `jitter_s`; `loss` and `reorder` are shares of packets; `rate_bps` 0 is no limit, else
    `queue_bytes` may wait, in one queue, or with `priority` those marked EF or CS5 and above before others.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    reorder: float = 0.0
    rate_bps: float = 0.0
    queue_bytes: int = 64_000
    priority: bool = False
    down: bool = False


PERFECT = Conditions()


class Wan:
    """The network between GATEWAY and HOSPITAL, in this namespace; or the `second` one, beside it."""

    def __init__(self, seed: int = 1, *, second: bool = False) -> None:
        self._arguments = (str(seed), *(["second"] if second else []))
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Raises NotReady."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hil.faults.wan_process", *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            start_new_session=True,
        )
        await self.counts()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()  # its end
        await self._process.wait()

    async def set(self, up: Conditions, down: Conditions | None = None) -> None:
        """Be like this from now on: `up` from the gateway, `down` (None: as up) to it."""
        await self._ask({"up": asdict(up), "down": asdict(up if down is None else down)})

    async def blackout(self) -> None:
        """Not one packet gets through, until `set`."""
        await self.set(replace(PERFECT, down=True))

    async def orphan(self) -> None:
        """Forget every connection: neither end is told, and not one of its packets gets through again."""
        await self._ask({"orphan": True})

    async def counts(self) -> Counter[str]:
        """What the network has done since its beginning, by direction: see `wan_process`."""
        return Counter(await self._ask({}))

    async def _ask(self, what: dict[str, Any]) -> dict[str, int]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        answer = await asyncio.wait_for(self._process.stdout.readline(), _ANSWER_S)
        if not answer:
            raise NotReady("the network's process ended: it needs root and /dev/net/tun")
        return json.loads(answer)

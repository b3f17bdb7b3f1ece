"""The network between gateway and controller: a bad one, packet by packet, in user space."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

import attr
from labgrid import target_factory
from labgrid.driver import Driver
from labgrid.step import step

from hil.faults.namespace import enter, setting
from hil.faults.wan import PERFECT, Conditions, Wan
from hil.rig.drivers.protocols import option_of

_T = TypeVar("_T")


@target_factory.reg_driver
@attr.s(eq=False)
class NetworkFaultDriver(Driver):
    """Moves this thread, and every process that it starts, into a network of its own. Needs root."""

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        enter()
        # As hil/campaigns/network.py: the hardest company.
        setting("tcp_congestion_control", "reno")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wan", daemon=True)
        self._thread.start()
        self._wan = Wan(int(option_of(self, "seed", 1)))
        self._do(self._wan.__aenter__())

    def on_deactivate(self) -> None:
        """End, as labgrid calls it."""
        self._do(self._wan.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @Driver.check_active
    @step(args=["conditions"])
    def set(self, conditions: Conditions) -> None:
        """Be like this from now on, both ways."""
        self._do(self._wan.set(conditions))

    @Driver.check_active
    def heal(self) -> None:
        """Be perfect again."""
        self.set(PERFECT)

    @Driver.check_active
    def counts(self) -> Counter[str]:
        """What the network did since it began (hil/faults/wan_process.py)."""
        return self._do(self._wan.counts())

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

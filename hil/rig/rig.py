"""A rig that runs: its parts, whatever they are made of, and what is asked of all of them together."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hil.errors import NotReady
from hil.rig.cable import Cable
from hil.rig.heard import Heard
from hil.rig.ledger import Ledger, Mark
from hil.rig.site import until

if TYPE_CHECKING:
    from hil.rig.drivers.network import NetworkFaultDriver
    from hil.rig.drivers.parts import ControllerDriver, GatewayDriver
    from hil.rig.drivers.player import WaveformPlayerDriver
    from hil.rig.drivers.protocols import NodeProtocol
    from hil.rig.drivers.qtest import QTestDriver
    from hil.rig.drivers.radio import RadioDriver

_PATIENCE_S = 60.0


def now_us() -> int:
    """The monotonic clock of this machine, which the gateway's times are of, too."""
    return time.monotonic_ns() // 1000


@dataclass(slots=True)
class Rig:
    """Parts that a rig does not have are None; `features` are the environment's."""

    features: frozenset[str]
    node: "NodeProtocol"
    cable: Cable
    heard: Heard
    controller: "ControllerDriver"
    gateway: "GatewayDriver"
    player: "WaveformPlayerDriver"
    qtest: "QTestDriver | None" = None
    network: "NetworkFaultDriver | None" = None
    radio: "RadioDriver | None" = None

    @property
    def ledger(self) -> Ledger:
        """What the controller has of the node."""
        return self.controller.ledger

    def start(self) -> None:
        """Start everything, and wait until a reading is in the ledger. Raises NotReady."""
        self.node.on()
        self.controller.start()
        if self.radio:
            self.radio.wait_up()
        self.gateway.start()
        until("the gateway opens the node's port", lambda: self.cable.is_open, _PATIENCE_S)
        self.live_since(now_us())

    def reset(self) -> None:
        """Reset the node wherever it is. What the line has not taken of it yet is gone, as on a board."""
        self.node.hold_reset()
        self.cable.drain()
        self.node.release_reset()

    def live_since(self, mono_us: int) -> float:
        """Wait until a reading measured after then is in the ledger. The seconds. Raises NotReady."""
        ledger = self.ledger
        return until("a new reading is in the ledger", lambda: ledger.is_live_since(mono_us), _PATIENCE_S)

    def settled(self, mark: Mark) -> list[str]:
        """Wait until all since `mark` is there or told as lost; what does not hold then, as sentences."""
        with suppress(NotReady):  # the account says what is missing
            until("all is there, or told", lambda: not self.ledger.account(mark).silent, _PATIENCE_S, 0.2)
        return self.ledger.account(mark).problems()

"""The serial cable between a node and its gateway, with its faults."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import attr
from labgrid import target_factory
from labgrid.driver import Driver

from hil.rig.cable import Cable
from hil.rig.drivers.protocols import NodeProtocol, folder_of, option_of
from hil.rig.heard import Heard
from hil.ward import Folder


@target_factory.reg_driver
@attr.s(eq=False)
class SerialFaultDriver(Driver):
    """A `Cable` from the node's port to the PTY that the gateway opens; `heard` listens at the gateway's end.

    Args:
        seed (int): the same faults again; the run's seed, if the environment has that option
    """

    bindings = {"node": NodeProtocol}  # noqa: RUF012
    node: NodeProtocol
    seed: int = attr.ib(default=1, validator=attr.validators.instance_of(int))

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        seed = int(option_of(self, "seed", self.seed))
        self.heard = Heard(folder_of(self) / "serial.jsonl")
        path = Folder(folder_of(self)).port("node-1")
        self.cable = Cable(self.node.port, path, seed, self.heard.record)
        self.cable.__enter__()

    def on_deactivate(self) -> None:
        """End, as labgrid calls it."""
        self.cable.__exit__(None, None, None)
        self.heard.close()

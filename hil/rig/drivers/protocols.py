"""What a rig's parts can do, whatever they are: tests and other drivers ask labgrid for these."""

import abc
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hil.rig.cable import Port

FOLDER = "folder"
"""The option of the environment that says where everything is written."""


class NodeProtocol(abc.ABC):
    """A node with a serial port and a power switch."""

    @property
    @abc.abstractmethod
    def port(self) -> Port:
        """Its serial port, without waiting. It stays the same over resets and power cuts."""

    @abc.abstractmethod
    def on(self) -> None:
        """Give it power."""

    @abc.abstractmethod
    def cut(self) -> str:
        """Take its power away at once; its flash keeps what it has. How it is known, in words."""

    @abc.abstractmethod
    def hold_reset(self) -> None:
        """Stop its processor where it is. What it has sent can be thrown away then."""

    @abc.abstractmethod
    def release_reset(self) -> None:
        """Let it begin anew."""

    @abc.abstractmethod
    def digests(self) -> dict[str, bytes]:
        """What it runs, by name: for evidence."""


class SensorProtocol(abc.ABC):
    """A sensor that a rig drives."""

    @abc.abstractmethod
    def drive(self, value: int) -> None:
        """Make it measure `value`, in hundredths of a degree, from now on."""


class LightProtocol(abc.ABC):
    """An oximeter's chip that a rig drives."""

    @abc.abstractmethod
    def shine(self, light: Iterable[tuple[int, int]]) -> None:
        """What its FIFO has from now on, as fast as the node takes it: red and infrared, in counts."""


class FreezeProtocol(abc.ABC):
    """A processor whose time can stand still."""

    @abc.abstractmethod
    def freeze(self) -> str:
        """Stop it, its clock too. How it is known, in words; "" if it is not."""

    @abc.abstractmethod
    def thaw(self) -> None:
        """Let it go on where it was."""


def option_of(driver: Any, name: str, default: Any) -> Any:
    """An option of the environment that a driver belongs to."""
    return driver.target.env.config.get_option(name, default)


def folder_of(driver: Any) -> Path:
    """The folder of the run that a driver belongs to; made if nobody said which."""
    config = driver.target.env.config
    if config.get_option(FOLDER, "none") == "none":
        config.set_option(FOLDER, mkdtemp(prefix="rig-"))
    return Path(config.get_option(FOLDER))

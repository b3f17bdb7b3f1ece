"""The whole rig of a target of labgrid."""

from typing import TypeVar

from labgrid import Target
from labgrid.exceptions import NoDriverFoundError

from hil.rig.drivers.cable import SerialFaultDriver
from hil.rig.drivers.network import NetworkFaultDriver
from hil.rig.drivers.parts import ControllerDriver, GatewayDriver
from hil.rig.drivers.player import WaveformPlayerDriver
from hil.rig.drivers.protocols import NodeProtocol
from hil.rig.drivers.qtest import QTestDriver
from hil.rig.drivers.radio import RadioDriver
from hil.rig.rig import Rig

_T = TypeVar("_T")


def rig_of(target: Target, features: frozenset[str]) -> Rig:
    """Its drivers, activated: the network first, for what starts later is in it."""
    network = _perhaps(target, NetworkFaultDriver)
    serial: SerialFaultDriver = target.get_driver(SerialFaultDriver)
    return Rig(
        features,
        node=target.get_driver(NodeProtocol),
        cable=serial.cable,
        heard=serial.heard,
        controller=target.get_driver(ControllerDriver),
        gateway=target.get_driver(GatewayDriver),
        player=target.get_driver(WaveformPlayerDriver),
        qtest=_perhaps(target, QTestDriver),
        network=network,
        radio=_perhaps(target, RadioDriver),
    )


def _perhaps(target: Target, driver: type[_T]) -> _T | None:
    try:
        return target.get_driver(driver)
    except NoDriverFoundError:
        return None

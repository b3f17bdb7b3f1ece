"""The link that a profile asks for. Only what is used is imported: the radio costs 20 MB."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from devices.profiles import BleBroadcast, BleLink, Profile, SerialLink, TcpLink, UdpLink, VehicleLink
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.links import Link, Outlet

if TYPE_CHECKING:
    from gateway.links.ble_radio import BleRadio


def make_link(  # noqa: PLR0911 - one line a kind of link
    device: DeviceConfig, model: Profile, clock: Clock, outlet: Outlet, radio: "Callable[[], BleRadio]"
) -> Link:
    """The link of `device`, which is a `model`; `radio` gives the gateway's one radio."""
    match model.link:
        case SerialLink() if device.broker:
            from gateway.links.mqtt import MqttDeviceLink  # noqa: PLC0415

            return MqttDeviceLink(device, model, clock, outlet)
        case SerialLink():
            from gateway.links.serial_port import SerialLinkRunner  # noqa: PLC0415

            return SerialLinkRunner(device, model, clock, outlet)
        case VehicleLink():
            from gateway.links.robot import RobotLink  # noqa: PLC0415

            return RobotLink(device, model, clock, outlet)
        case TcpLink():
            from gateway.links.tcp import TcpDeviceLink  # noqa: PLC0415

            return TcpDeviceLink(device, model, clock, outlet)
        case UdpLink():
            from gateway.links.udp import UdpDeviceLink  # noqa: PLC0415

            return UdpDeviceLink(device, model, clock, outlet)
        case BleLink():
            from gateway.links.ble import BleDeviceLink  # noqa: PLC0415

            return BleDeviceLink(device, model, clock, outlet, radio())
        case BleBroadcast():
            from gateway.links.ble_broadcast import BroadcastListener  # noqa: PLC0415

            return BroadcastListener(device, model, clock, outlet, radio())

"""A small robot base with Wardlink's own firmware."""

from devices.codecs import Codec, Host
from devices.codecs.robot_base import METRICS, RobotBase
from devices.profiles import Evidence, Profile, SerialLink


def _codec(host: Host) -> Codec:
    if not host.wheeled:
        return RobotBase()
    from devices.codecs.robot_vehicle import RobotVehicle  # noqa: PLC0415 - 3 MB that only a vehicle needs

    return RobotVehicle(host, host.wheeled)


PROFILE = Profile(
    name="wardlink-robot-base",
    manufacturer="Wardlink",
    model="robot base",
    source="its specification is ours: devices/codecs/robot_base.py and robot_base_wire.py",
    evidence=Evidence.EXAMPLE,
    metrics=METRICS,
    link=SerialLink(baudrate=115200, codec=RobotBase, silence_s=3.0, linked=_codec, is_wheeled=True),
    note=(
        "STATUS events: emergency-stop (latched by its button or the host), button-pressed, bumper-left, "
        "bumper-right, host-silent, moving. The load is an UNMAPPED event `load` in grams. With "
        "`wheel_base_mm` it is a vehicle of VDA 5050 2.1 whose maker is Wardlink and whose serial number is "
        "the device's id: it drives by signed orders, from where a person placed it. It has no battery gauge."
    ),
)

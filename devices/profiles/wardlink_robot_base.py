"""A small robot base with Wardlink's own firmware."""

from devices.codecs.robot_base import METRICS, RobotBase
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="wardlink-robot-base",
    manufacturer="Wardlink",
    model="robot base",
    source="its specification is ours: devices/codecs/robot_base.py and robot_base_wire.py",
    evidence=Evidence.EXAMPLE,
    metrics=METRICS,
    link=SerialLink(baudrate=115200, codec=RobotBase, silence_s=3.0),
    note=(
        "STATUS events: emergency-stop (latched by its button or the host), button-pressed, bumper-left, "
        "bumper-right, host-silent, moving. The load is an UNMAPPED event `load` in grams. The gateway only "
        "listens: nothing makes it drive yet."
    ),
)

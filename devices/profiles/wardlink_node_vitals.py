"""Wardlink's own node that measures: oximetry, ECG, temperature, pressures, rooms."""

from devices.codecs.node.decimals import DECIMALS
from devices.codecs.node.vitals import NodeVitals
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="wardlink-node-vitals",
    manufacturer="Wardlink",
    model="node that measures",
    source="its specification is ours: devices/codecs/node/wire.py and vitals.py, firmware/core",
    evidence=Evidence.EXAMPLE,
    metrics=tuple(DECIMALS),
    link=SerialLink(baudrate=115200, codec=NodeVitals, linked=NodeVitals, silence_s=15.0, over_mqtt=True),
    note=(
        "Which of the metrics a node gives depends on its board and sensors. It keeps what is not in the "
        "journal over resets; what it had to forget is told (readings-lost). By Wi-Fi it comes through an "
        "MQTT broker: `broker`, `node` and `credentials` in place of `port`. Tried in simulation only."
    ),
)

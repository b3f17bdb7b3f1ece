"""Wardlink's own node that measures, by Bluetooth: the same stream as at its serial port."""

from devices.codecs.node import by_ble
from devices.codecs.node.decimals import DECIMALS
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile

PROFILE = Profile(
    name="wardlink-node-vitals-ble",
    manufacturer="Wardlink",
    model="node that measures, by Bluetooth",
    source="its specification is ours: devices/codecs/node/by_ble.py and vitals.py, firmware/hal/ble.py",
    evidence=Evidence.EXAMPLE,
    metrics=tuple(DECIMALS),
    link=BleLink(
        service=by_ble.SERVICE,
        name_prefix="Wardlink node",
        characteristics=(
            BleCharacteristic(by_ble.TO_HOST),
            BleCharacteristic(by_ble.TO_NODE, subscribe=False),
        ),
        linked=by_ble.linked,
    ),
    note=(
        "As wardlink-node-vitals: nothing is lost or doubled when the connection breaks. One host at a time: "
        "a node that is read at its serial port, too, forgets for both what either acknowledges. It does not "
        "ask to be paired: who is near can connect to it, and read. Tried in simulation only."
    ),
)

"""BTHome v2 sensors: rooms, refrigerators, doors and buttons that advertise in this open format."""

from devices.codecs import bthome
from devices.profiles import BleBroadcast, Evidence, Profile

PROFILE = Profile(
    name="bthome-sensor",
    manufacturer="BTHome (an open format: Shelly BLU, Xiaomi with ATC or pvvx firmware, self-made)",
    model="v2",
    source="bthome.io, BTHome v2 format; Bluetooth-Devices/bthome-ble, parser and tests",
    evidence=Evidence.CAPTURE,
    metrics=("ambient_temp", "ambient_humidity"),
    link=BleBroadcast(bthome.SERVICE_DATA, name_prefix="", codec=bthome.BthomeCodec, silence_s=600.0),
    note=(
        "Not for body temperature: the sensor does not say of what it is, so it is taken as the room's. "
        "Doors, motion and the like are conditions, buttons are marks, other quantities are kept unmapped. "
        "Encrypted sensors are not read: switch their encryption off. Anybody can send such advertisements. "
        "A sensor without packet ids that repeats itself cannot be told from one that measures the same "
        "again: it is read every 5 s. One that tells only what happens counts as lost after 10 minutes."
    ),
)

"""Nonin Xpod 3012LP with a pleth of full resolution: Data Format 7."""

from devices.codecs.nonin_df7 import NoninDf7
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="nonin-xpod-df7",
    manufacturer="Nonin Medical, Inc.",
    model="Xpod 3012LP",
    source=(
        "Nonin Medical, Onyx II Model 9560 OEM Specification and Technical Information: "
        "Serial Data Format #7 (pp. 12-15); dariosalvi78/cordova-plugin-nonin-bluetooth and MD PnP "
        "(nonin/pulseox/Packet.java), readers of a 9560 and a 3150"
    ),
    evidence=Evidence.UNVERIFIED,
    metrics=("pr_spo2", "spo2", "pleth"),
    link=SerialLink(baudrate=9600, codec=NoninDf7),
    note=(
        "For the full pleth of 16 bits in place of 8 (nonin-xpod). The OEM III module, the WristOx2 3150 and "
        "the Onyx II 9560 (over Bluetooth's serial port) speak the same format. No bytes of a real device "
        "were found in public."
    ),
)

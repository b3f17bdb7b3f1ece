"""Nonin Xpod 3012LP: a serial pulse oximeter in a cable; the OEM III module speaks the same format."""

from devices.codecs.nonin_df2 import NoninDf2
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="nonin-xpod",
    manufacturer="Nonin Medical, Inc.",
    model="Xpod 3012LP",
    source=(
        "Nonin Medical, Xpod Specification and Technical Information; "
        "OEM III Module Specification and Technical Information: Serial Data Format 2; "
        "edmund-troche/spo2.nonin (a packet of an iPod, which speaks the same)"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=("pr_spo2", "spo2", "pleth"),
    link=SerialLink(baudrate=9600, codec=NoninDf2),
)

"""Masimo Radical-7: a bedside pulse CO-oximeter with ASCII 1 on its serial port."""

from devices.codecs.masimo_ascii import MasimoAscii
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="masimo-radical7",
    manufacturer="Masimo Corporation",
    model="Radical-7, Rad-87",
    source=(
        "MD PnP, poxrad_discrete.h (its line and its tables of bits); nmenon/masimo-datacapture (a line of a "
        "Radical-7 with colour screen); Masimo Rad-8 Operator's Manual (4-24, 7-3)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("spo2", "pr_spo2", "pi", "spco", "spmet", "sphb", "spoc", "pvi", "rr_acoustic"),
    link=SerialLink(baudrate=9600, codec=MasimoAscii),
    note=(
        "Set its serial output to ASCII 1, and SpHb to g/dL: the line does not say its unit. What a device "
        "is not licensed for is told as dashes and gives no reading. The key of the acoustic respiration "
        "rate (RRA) was not seen in any line of a real device."
    ),
)

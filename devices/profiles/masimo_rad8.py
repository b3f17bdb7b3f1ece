"""Masimo Rad-8: a bedside pulse oximeter with ASCII 1 on its serial port."""

from devices.codecs.masimo_ascii import MasimoAscii
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="masimo-rad8",
    manufacturer="Masimo Corporation",
    model="Rad-8, Rad-5",
    source=(
        "Masimo Rad-8 Operator's Manual (4-20, 4-24, 7-3); nmenon/masimo-datacapture; "
        "MD PnP, poxrad_discrete.h"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("spo2", "pr_spo2", "pi"),
    link=SerialLink(baudrate=9600, codec=MasimoAscii),
    note=(
        "Set Serial Output (menu level 3) to ASCII 1; as it comes it is ASCII 2, which tells nothing by "
        "itself. A null-modem cable is needed. The alarm bits were found by trial: Masimo does not publish "
        "them."
    ),
)

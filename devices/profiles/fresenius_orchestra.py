"""Fresenius Vial Orchestra: the modules of a Base Primea, or one Module DPS alone, over RS-232."""

from devices.codecs.fresenius import MODULES, Fresenius, metric
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="fresenius-orchestra",
    manufacturer="Fresenius Kabi (Fresenius Vial)",
    model="Orchestra Base Primea, Module DPS",
    source="jaj42/infupy, fresenius.py, written from the maker's document. No manual was at hand.",
    metrics=tuple(metric(n, name) for n in range(1, MODULES + 1) for name in ("rate", "delivered")),
    link=SerialLink(baudrate=19200, codec=Fresenius, bytesize=7, parity="E", silence_s=10.0),
    evidence=Evidence.UNVERIFIED,
    note=(
        "READ ONLY: remote control is refused by design: only keep-alives, questions and requests for a "
        "session (which a pump may show) are ever sent. Module 1 has the metrics of a single pump, "
        "modules 2 to 5 their own; further ones are UNMAPPED. What the bits of alarms, errors and modes mean "
        "is not public: they are told by number. The serial export of newer Agilia pumps is another protocol."
    ),
)

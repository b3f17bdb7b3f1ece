"""Philips IntelliVue MP, MX and X2 monitors on the network."""

from devices.codecs.intellivue.monitor import Monitor
from devices.profiles import Evidence, Profile, UdpLink
from devices.profiles._intellivue import METRICS, SOURCE

PROFILE = Profile(
    name="philips-intellivue",
    manufacturer="Philips",
    model="IntelliVue MP, MX, X2 and X3 series",
    source=SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=METRICS,
    link=UdpLink(port=24105, codec=Monitor),
    note=(
        "LAN Data Export is to be enabled in configuration mode; the monitor serves one association. Demo "
        "and test data are marked TEST_DATA. Waveforms are those of the monitor's own priority list. "
        "Patient demographics are not asked for."
    ),
)

"""Nonin Avant 4100: a Bluetooth pulse oximeter, numbers once a second: Data Format 8."""

from devices.codecs.nonin_df8 import NoninDf8
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="nonin-4100-df8",
    manufacturer="Nonin Medical, Inc.",
    model="Avant 4100",
    source=(
        "Nonin Medical, Onyx II Model 9560 OEM Specification and Technical Information: Serial Data Format "
        "#8 (pp. 16-17); silverbullet-dk/opentele-client-android (reader of format 8); "
        "org.fruct.yar.bluetoothconnectivitydemo, PulseOximeterClient (a 4100's format is selected in ASCII)"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=("pr_spo2", "spo2"),
    link=SerialLink(baudrate=9600, codec=NoninDf8),
    note=(
        "Pair it with the host first; its port is the host's for Bluetooth's Serial Port Profile. The Onyx "
        "II 9560 and the WristOx2 3150 speak the same format. It has no checksum: a damaged byte cannot "
        "be told from a good one. That the 4100 takes `D8` is inferred from a client that sends it `D1`."
    ),
)

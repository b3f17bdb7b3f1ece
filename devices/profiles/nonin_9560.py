"""Nonin Onyx II 9560: a fingertip pulse oximeter for spot checks over Bluetooth: Data Format 13."""

from devices.codecs.nonin_df13 import NoninDf13
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="nonin-9560",
    manufacturer="Nonin Medical, Inc.",
    model="Onyx II 9560",
    source=(
        "Nonin Medical, Onyx II Model 9560 OEM Specification and Technical Information (two editions); "
        "mattjlewis/NoninPulseOx and silverbullet-dk/opentele-client-android (readers of format 13)"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=("pr_spo2", "spo2"),
    link=SerialLink(baudrate=9600, codec=NoninDf13, silence_s=3600.0),
    note=(
        "Pair it with the host (the six digits on its battery door); its port is the host's for Bluetooth's "
        "Serial Port Profile. It connects to the host it is paired with when a measurement is ready. "
        "The manuals that were read know of no acknowledgement by the host; it is sent, once the measurement "
        "is in the journal. A measurement that did not meet the device's own criterion is questionable."
    ),
)

"""ProtoCentral HealthyPi v4: an open vital-signs board, the older packet."""

from devices.codecs.healthypi import HealthyPi
from devices.codecs.healthypi_packet import HEALTHYPI_4
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="healthypi-4",
    manufacturer="ProtoCentral Electronics",
    model="HealthyPi v4",
    source="Protocentral/protocentral_healthypi_v4: firmware (V3 mode), GUI",
    evidence=Evidence.UNVERIFIED,
    metrics=("hr", "rr_imped", "spo2", "temp_skin", "ecg_raw", "resp_raw", "pleth", "ppg_red"),
    link=SerialLink(baudrate=115_200, codec=lambda: HealthyPi(HEALTHYPI_4)),
    note=(
        "No medical device. It sends this packet in its V3 mode only. "
        "Where a blood pressure would be it sends constants: they are not read. "
        "Signals are counts: their physical unit is not documented. Packets have no checksum."
    ),
)

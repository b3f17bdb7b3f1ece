"""ProtoCentral HealthyPi v3: an open vital-signs board, the older packet."""

from devices.codecs.healthypi import HealthyPi
from devices.codecs.healthypi_packet import HEALTHYPI_3
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="healthypi-3",
    manufacturer="ProtoCentral Electronics",
    model="HealthyPi v3",
    source=(
        "Protocentral/protocentral-healthypi-v3 (firmware, GUI); "
        "jackyko1991/HealthyPi-Python-Interface (the packet)"
    ),
    evidence=Evidence.UNVERIFIED,
    metrics=("hr", "rr_imped", "spo2", "temp_skin", "ecg_raw", "resp_raw", "pleth", "ppg_red"),
    link=SerialLink(baudrate=115_200, codec=lambda: HealthyPi(HEALTHYPI_3)),
    note=(
        "No medical device. On the pins for a Raspberry Pi it sends at 57600 baud, on USB at 115200. "
        "Where a blood pressure would be it sends constants: they are not read. "
        "Signals are counts: their physical unit is not documented. Packets have no checksum."
    ),
)

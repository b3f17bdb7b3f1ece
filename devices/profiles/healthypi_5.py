"""ProtoCentral HealthyPi 5: an open vital-signs board (ECG, respiration, PPG, temperature) on USB."""

from devices.codecs.healthypi import HealthyPi
from devices.codecs.healthypi_packet import HEALTHYPI_5
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="healthypi-5",
    manufacturer="ProtoCentral Electronics",
    model="HealthyPi 5",
    source=(
        "Protocentral/protocentral_healthypi5_zephyr (2026), protocentral_healthypi_5_firmware 2.0.2, "
        "protocentral_openview2: what they send and how it is read"
    ),
    evidence=Evidence.UNVERIFIED,
    metrics=("hr", "rr_imped", "spo2", "temp_skin", "ecg_raw", "resp_raw", "pleth", "ppg_red"),
    link=SerialLink(baudrate=115_200, codec=lambda: HealthyPi(HEALTHYPI_5)),
    note=(
        "No medical device. Its packet does not say that electrodes or probe are off, and the maker's "
        "firmware repeats the last numbers then: hr, rr_imped and spo2 are always QUESTIONABLE. "
        "Its heart rate is the ECG's, or the PPG's where the board was set so. "
        "Signals are counts: their physical unit is not documented, and firmwares differ. "
        "Firmware of November 2024 to February 2025 sends packets of types 3 and 4: they are not read; "
        "update it. Packets have no checksum."
    ),
)

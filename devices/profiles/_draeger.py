"""What the profiles of Draeger's devices share."""

from devices.codecs.medibus.codec import Medibus
from devices.codecs.medibus.codes import METRICS
from devices.profiles import SerialLink

SOURCE = (
    "Draeger, RS 232 MEDIBUS Protocol Definition, revisions 4.03 and 6.00 (90 28 258, 90 37 607), as far as "
    "their public parts go; mdpnp/mdpnp, devices/draeger and interop-lab; xeonfusion/VSCaptureDrgVent; "
    "wlbaker/mdrepo, MedibusDriver; vitaldb's Vital Recorder guides (port settings)"
)
NOTE = (
    "The device's port must be set to MEDIBUS (or MEDIBUS.X) with the same baud rate and parity. Tidal "
    "volume and rate come by several codes: the best that has a number counts. Intrinsic PEEP, agents in "
    "kPa and CO2 in % are told as UNMAPPED."
)
WAVES = ("paw_wave", "flow_wave", "co2_wave")
_ANAESTHESIA = {"eto2", "fin2o", "etn2o", "fisev", "etsev", "fides", "etdes", "fiiso", "etiso", "mac"}
VENTILATOR = (*(metric for metric in METRICS if metric not in _ANAESTHESIA), *WAVES)
ANAESTHESIA = (*METRICS, *WAVES)
VENTILATED = (
    "vent_vt",
    "vent_mv",
    "vent_rr_total",
    "vent_pip",
    "vent_pmean",
    "vent_pplat",
    "vent_peep",
    "fio2",
    "paw_wave",
    "flow_wave",
)
"""What the plainest machine measures."""


def medibus(baudrate: int, parity: str) -> SerialLink:
    """The link: the codec asks several times a second, so silence means that nobody is there."""
    return SerialLink(baudrate=baudrate, codec=Medibus, parity=parity, silence_s=12.0)

"""SunTech Advantage OEM: a blood pressure module (Advantage mini, Advantage 2, Advantage A+)."""

from devices.codecs.suntech_nibp import SuntechNibp
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="suntech-advantage",
    manufacturer="SunTech Medical, Inc.",
    model="Advantage OEM NIBP module",
    source=(
        "Excerpts of SunTech's OEM interface manual in ak-git/DemoApp (worked examples); "
        "519984307/Appciton, SuntechProvider (driver of a patient monitor)"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=("nibp_sys", "nibp_dia", "nibp_map", "pr_nibp", "cuff_pressure"),
    link=SerialLink(baudrate=9600, codec=SuntechNibp),
    note=(
        "Reports what the module measures and starts nothing: for measurements at an interval the codec is "
        "made with interval_s. A result read at the start of a connection is of unknown age. "
        "Found in no public copy of the manual: what status other than 1 means; such results are not used."
    ),
)

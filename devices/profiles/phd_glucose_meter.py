"""Any glucose meter of ISO/IEEE 11073-10417."""

from devices.profiles import Evidence, Profile
from devices.profiles._phd import LINK, NOTE, SOURCE

PROFILE = Profile(
    name="phd-glucose-meter",
    manufacturer="any",
    model="glucose meter, IEEE 11073-10417",
    source=SOURCE + "11073-10417",
    metrics=(
        *("glucose_cap", "glucose", "glucose_isf"),
        *("glucose_cap_molar", "glucose_molar", "glucose_isf_molar"),
    ),
    link=LINK,
    evidence=Evidence.EXAMPLE,
    note=NOTE + " Control solutions are UNMAPPED. Most meters use a PM-store.",
)

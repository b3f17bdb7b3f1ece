"""Any pulse oximeter of ISO/IEEE 11073-10404."""

from devices.profiles import Evidence, Profile
from devices.profiles._phd import LINK, NOTE, SOURCE

PROFILE = Profile(
    name="phd-pulse-oximeter",
    manufacturer="any",
    model="pulse oximeter, IEEE 11073-10404",
    source=SOURCE + "11073-10404",
    metrics=("spo2", "pr_spo2"),
    link=LINK,
    evidence=Evidence.EXAMPLE,
    note=NOTE + " Of several averages only the plain one is a reading; the fast and slow ones are UNMAPPED.",
)

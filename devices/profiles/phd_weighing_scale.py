"""Any weighing scale or body composition monitor of ISO/IEEE 11073-10415 and -10420."""

from devices.profiles import Evidence, Profile
from devices.profiles._phd import LINK, NOTE, SOURCE

PROFILE = Profile(
    name="phd-weighing-scale",
    manufacturer="any",
    model="weighing scale, IEEE 11073-10415",
    source=SOURCE
    + "11073-10415; stored measurements of an A&D and of another scale among their test vectors",
    metrics=("weight", "height", "bmi", "body_fat", "fat_free_mass", "soft_lean_mass", "body_water"),
    link=LINK,
    evidence=Evidence.CAPTURE,
    note=NOTE,
)

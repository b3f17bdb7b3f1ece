"""Any thermometer of ISO/IEEE 11073-10408."""

from devices.profiles import Evidence, Profile
from devices.profiles._phd import LINK, NOTE, SOURCE

PROFILE = Profile(
    name="phd-thermometer",
    manufacturer="any",
    model="thermometer, IEEE 11073-10408",
    source=SOURCE + "11073-10408",
    metrics=(
        "temp_body",
        "temp_tymp",
        "temp_oral",
        "temp_rect",
        "temp_axil",
        "temp_skin",
        "temp_core",
        "temp",
    ),
    link=LINK,
    evidence=Evidence.EXAMPLE,
    note=NOTE,
)

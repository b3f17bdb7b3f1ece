"""Any blood pressure monitor of ISO/IEEE 11073-10407."""

from devices.profiles import Evidence, Profile
from devices.profiles._phd import LINK, NOTE, SOURCE

PROFILE = Profile(
    name="phd-blood-pressure",
    manufacturer="any",
    model="blood pressure monitor, IEEE 11073-10407",
    source=SOURCE + "11073-10407; a conversation of an Omron monitor among antidote's test vectors",
    metrics=("nibp_sys", "nibp_dia", "nibp_map", "pr_nibp"),
    link=LINK,
    evidence=Evidence.CAPTURE,
    note=NOTE,
)

"""Contec CMS50D and CMS50E of the older kind: fingertip oximeters that send packets of 5 bytes."""

from devices.codecs.contec_cms50_5byte import ContecCms50FiveByte
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="contec-cms50-5byte",
    manufacturer="Contec Medical Systems Co., Ltd.",
    model="CMS50D, CMS50D+ (before firmware 4), CMS50E",
    source=(
        "Contec, Communication protocol, as translated at picbasic.co.uk thread 11311; atbrask/CMS50Dplus; "
        "Yujia-Yan/CMS50SerialProtocolKit; apneuvereniging.miraheze.org, CMS50X"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=("pr_spo2", "spo2", "pleth"),
    link=SerialLink(baudrate=19200, parity="O", codec=ContecCms50FiveByte),
    note=(
        "On the CMS50E switch on USB in its menu. Its cable holds an adapter of a common kind (CP210x), by "
        "which it cannot be told from others. The protocol has no checksum; odd parity is all there is. "
        "Recordings are not fetched: they have no time. A module at 4800 baud 8N1 sends the same packets."
    ),
)

"""Contec CMS50D+ from firmware 4, and its relatives of protocol V7.0: fingertip oximeters."""

from devices.codecs.contec_cms50 import ContecCms50
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="contec-cms50d-plus",
    manufacturer="Contec Medical Systems Co., Ltd.",
    model="CMS50D+ (firmware 4.x), CMS50E (newer), CMS50F, CMS50EW, CMS60",
    source=(
        "Contec Medical Systems, Communication protocol of pulse oximeter V7.0 (2010-07-08); captures of "
        "headrotor/contec_data, MarkMLl/Contec_cms50dplus and titinho11/CMS50E-raw-ppg-data"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("pr_spo2", "spo2", "pi", "pleth"),
    link=SerialLink(baudrate=115200, codec=ContecCms50, usb_ids=((0x10C4, 0xEA60),)),
    note=(
        "The USB adapter (CP2102) is in the cable; many other devices have the same one. Not every model "
        "measures the perfusion index: it then tells that it has none, and no reading of it is given. The "
        "protocol has no checksum. Recordings are not fetched: the CMS50D+ tells no time of them."
    ),
)

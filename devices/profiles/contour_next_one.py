"""Ascensia Contour Next One and Contour Plus One: blood glucose meters."""

from devices.codecs import glucose_meter
from devices.profiles import Evidence, Profile
from devices.profiles._glucose import meter

PROFILE = Profile(
    name="contour-next-one",
    manufacturer="Ascensia Diabetes Care",
    model="Contour Next One, Contour Plus One",
    source=(
        "Bluetooth SIG, GATT Specification Supplement 2025-12-23; NightscoutFoundation/xDrip, "
        "BluetoothGlucoseMeter.java (asks Contour for records by sequence number); pauldemarco/flutter_blue "
        "issue 830 (a Contour Plus One answers the control point and sends new measurements by itself)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=glucose_meter.METRICS,
    link=meter("Contour", bond=True),
    note=(
        "Pair it by holding its button until it flashes blue. The captures are of other "
        "makers' meters with the same protocol: no recording of one of these was found in public."
    ),
)

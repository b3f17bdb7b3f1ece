"""Any driverless vehicle that speaks VDA 5050."""

from devices.codecs.vda5050.bridge import Bridge
from devices.profiles import Evidence, Profile, VehicleLink

PROFILE = Profile(
    name="vda5050-vehicle",
    manufacturer="several",
    model="driverless vehicle with VDA 5050, 2.0 to 3.0",
    source="VDA 5050 2.0.0, 2.1.0 and 3.0.0",
    evidence=Evidence.EXAMPLE,
    metrics=(),
    link=VehicleLink(codec=Bridge),
    note=(
        "At an MQTT broker: `broker`, `credentials`, and as `address` how its topics begin: "
        "INTERFACE/v2/MANUFACTURER/SERIAL. Its states are events; it drives only by signed orders of the "
        "controller, which reach it byte for byte."
    ),
)

"""Any driverless vehicle that speaks VDA 5050."""

from typing import TYPE_CHECKING

from devices.profiles import Evidence, Profile, VehicleLink

if TYPE_CHECKING:
    from devices.codecs.vda5050.bridge import Bridge


def _codec() -> "Bridge":
    from devices.codecs.vda5050.bridge import Bridge  # noqa: PLC0415 - 3 MB that only a robot needs

    return Bridge()


PROFILE = Profile(
    name="vda5050-vehicle",
    manufacturer="several",
    model="driverless vehicle with VDA 5050, 2.0 to 3.0",
    source="VDA 5050 2.0.0, 2.1.0 and 3.0.0",
    evidence=Evidence.EXAMPLE,
    metrics=(),
    link=VehicleLink(codec=_codec),
    note=(
        "At an MQTT broker: `broker`, `credentials`, and as `address` how its topics begin: "
        "INTERFACE/v2/MANUFACTURER/SERIAL. Its states are events; it drives only by signed orders of the "
        "controller, which reach it byte for byte."
    ),
)

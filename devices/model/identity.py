"""Names of gateways, devices, beds and vehicles.

A name is 1 to 48 characters of `a–z 0–9 - .`, beginning with a letter or digit: it stands in topics,
file names and addresses without any escaping.
"""

import re
from typing import NewType

from devices.errors import BadIdentity

GatewayId = NewType("GatewayId", str)
DeviceId = NewType("DeviceId", str)
LocationId = NewType("LocationId", str)
"""A bed or a vehicle."""

NAME_PATTERN = r"[a-z0-9][a-z0-9.\-]{0,47}"
_NAME = re.compile(NAME_PATTERN)


def _checked(kind: str, text: str) -> str:
    if not _NAME.fullmatch(text):
        raise BadIdentity(
            f"{text!r} cannot name a {kind}: use 1 to 48 of a-z 0-9 - . beginning with a-z or 0-9"
        )
    return text


def gateway_id(text: str) -> GatewayId:
    """`text` as a gateway's name. Raises BadIdentity."""
    return GatewayId(_checked("gateway", text))


def device_id(text: str) -> DeviceId:
    """`text` as a device's name. Raises BadIdentity."""
    return DeviceId(_checked("device", text))


def location_id(text: str) -> LocationId:
    """`text` as the name of a bed or a vehicle. Raises BadIdentity."""
    return LocationId(_checked("bed or vehicle", text))

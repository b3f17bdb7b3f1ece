"""Profiles: one file a device model, found by looking through this folder.

A profile says how a model is recognised, which codec speaks it and which metrics it gives.
A new device is one file here, one capture in tests/captures, and a codec only for a new protocol.

    PROFILE = Profile(name="polar-h10", ..., link=BleLink(...))
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from devices.errors import UnknownProfile
from devices.profiles.links import (
    AnyLink,
    BleBroadcast,
    BleCharacteristic,
    BleLink,
    SerialLink,
    TcpLink,
    UdpLink,
    VehicleLink,
)

__all__ = [
    "AnyLink",
    "BleBroadcast",
    "BleCharacteristic",
    "BleLink",
    "Evidence",
    "Profile",
    "SerialLink",
    "TcpLink",
    "UdpLink",
    "VehicleLink",
    "profile",
    "profiles",
]


class Evidence(StrEnum):
    """What the profile's codec was checked against, the best there is in tests/captures."""

    CAPTURE = "capture"
    """Bytes that a real device of this protocol sent."""
    EXAMPLE = "example"
    """A worked example of the specification, or another project's test vector."""
    UNVERIFIED = "unverified"
    """Nothing but documents: it may be wrong."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One device model."""

    name: str
    manufacturer: str
    model: str
    source: str
    """The manual or specification that its facts were taken from."""
    metrics: tuple[str, ...]
    """Names of the metric table; empty for a device that only tells events (laboratory results, doors)."""
    link: AnyLink
    evidence: Evidence
    note: str = ""
    """What its user must know: what is left out on purpose, where sources disagree, how it is set up."""


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile of this folder by name. Modules named `links` or beginning with `_` hold no model."""
    modules = (info.name for info in pkgutil.iter_modules(__path__))
    names = sorted(name for name in modules if not name.startswith("_") and name != "links")
    found = [importlib.import_module(f"devices.profiles.{name}").PROFILE for name in names]
    return {profile.name: profile for profile in found}


def profile(name: str) -> Profile:
    """The profile called `name`. Raises UnknownProfile."""
    try:
        return profiles()[name]
    except KeyError:
        known = ", ".join(profiles())
        raise UnknownProfile(f"no device profile is called {name!r}; there are: {known}") from None

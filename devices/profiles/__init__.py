"""Profiles: one file a device model, found by looking through this folder.

A profile says how a model is recognised, which codec speaks it and which metrics it gives.
A new device is one file here, one capture in tests/captures, and a codec only for a new protocol.

    PROFILE = Profile(name="polar-h10", ..., link=BleLink(...))
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from devices.codecs import Codec
from devices.errors import UnknownProfile


@dataclass(frozen=True, slots=True)
class BleCharacteristic:
    """A characteristic to read once after connecting, to subscribe to, or both, and the codec of its values.

    `optional`: the model's variants may lack it. `codec` makes a fresh codec for each connection, which
    is handed one whole value (one notification, indication or read) by each `receive_data`.
    """

    uuid: str
    codec: Callable[[], Codec]
    read: bool = False
    subscribe: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True)
class BleLink:
    """How a BLE model is recognised and spoken to. UUIDs are 128-bit, lower case."""

    service: str
    """The service that it advertises."""
    name_prefix: str
    """How its advertised name begins; empty for any."""
    characteristics: tuple[BleCharacteristic, ...]
    bond: bool = False
    """Whether the device must be paired before it tells anything."""


@dataclass(frozen=True, slots=True)
class SerialLink:
    """How a serial or USB model's port is set and which codec reads its stream."""

    baudrate: int
    codec: Callable[[], Codec]
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1
    usb_ids: tuple[tuple[int, int], ...] = ()
    """(vendor, product) of its own adapter, if it has one."""
    silence_s: float = 5.0
    """Seconds without a byte after which the link counts as lost."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One device model."""

    name: str
    manufacturer: str
    model: str
    source: str
    """The manual or specification that its facts were taken from."""
    metrics: tuple[str, ...]
    link: BleLink | SerialLink


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile of this folder by name. Modules whose name begins with `_` hold what profiles share."""
    modules = (info.name for info in pkgutil.iter_modules(__path__))
    names = sorted(name for name in modules if not name.startswith("_"))
    found = [importlib.import_module(f"devices.profiles.{name}").PROFILE for name in names]
    return {profile.name: profile for profile in found}


def profile(name: str) -> Profile:
    """The profile called `name`. Raises UnknownProfile."""
    try:
        return profiles()[name]
    except KeyError:
        known = ", ".join(profiles())
        raise UnknownProfile(f"no device profile is called {name!r}; there are: {known}") from None

"""What a simulated device is: its patient and the host's bytes in, its own bytes out. Found by profile.

    sim = simulators()["masimo-rad8"](Patient(3))
    sim.tick(12.0)                     # what it sends by itself, every `period_s`
    sim.heard(b"\\x05", 12.1)           # what it answers

Each module of `hil/sims/models` has `SIMULATORS`, by profile. Those on a port or a network are `WireSim`;
those on the radio are `Sensor` (one measurement) or `RadioSim` (anything else).
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, runtime_checkable

from hil.radio.peripheral import Characteristic, Peripheral, Service
from hil.sims import models
from hil.sims.emitted import Emitted
from hil.sims.patient import Patient


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes that a device sends at once (a value, a packet, a datagram), and what they say by metric.

    A metric's value is None where the bytes say that there is none, and a list of samples (int16, None for
    no sample) for a waveform.
    """

    payload: bytes
    values: Mapping[str, float | Sequence[int | None] | None] = field(
        default_factory=dict[str, "float | Sequence[int | None] | None"]
    )


class Worn(Protocol):
    """What every simulated device is."""

    on_patient: bool
    """False while its sensor is off the patient."""


@runtime_checkable
class WireSim(Worn, Protocol):
    """A device on a port or a network. It opens nothing and reads no clock; `time_s` is its patient's."""

    period_s: float
    """How often `tick` is called."""

    def tick(self, time_s: float) -> list[Measured]:
        """What it sends by itself now."""
        ...

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """What it answers to bytes of the host."""
        ...


@runtime_checkable
class Sensor(Worn, Protocol):
    """A BLE device with one measurement: `measure` is sent by notification or indication every `period_s`."""

    period_s: float
    measurement: Characteristic
    """Sent by notification or indication, whichever its properties name."""
    others: Sequence[Characteristic]
    """The rest of its service."""

    def measure(self, time_s: float) -> Measured:
        """Measure now; called every `period_s`."""
        ...


@runtime_checkable
class RadioSim(Protocol):
    """Any other BLE device: its own services, what it advertises, and what it does with the peripheral."""

    services: Sequence[Service]
    service_data: Mapping[str, bytes]
    """What it advertises by the UUID of the service, beside its profile's service."""
    garbage: bool
    """Set from outside: it is to send, once, bytes that mean nothing."""

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """Live, until cancelled; write down what is sent."""
        ...


class WornRadioSim(Worn, RadioSim, Protocol):
    """A `RadioSim` as a simulator of a model."""


Simulated = WireSim | Sensor | WornRadioSim
MakeSim = Callable[[Patient], Simulated]


@cache
def simulators() -> Mapping[str, MakeSim]:
    """Every simulator in `hil/sims/models`, by profile."""
    found: dict[str, MakeSim] = {}
    for info in pkgutil.iter_modules(models.__path__):
        if not info.name.startswith("_"):
            found |= importlib.import_module(f"hil.sims.models.{info.name}").SIMULATORS
    return found

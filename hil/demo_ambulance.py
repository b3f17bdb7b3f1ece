"""The demo's ambulance: a vehicle with a gateway of its own, its devices, and a patient nobody knows yet."""

from collections.abc import Iterable, Iterator

from devices.profiles import profile
from hil.endcheck import Compared
from hil.ward import SERIAL_OXIMETER, Ward, WardBed, WardDevice

VEHICLE = "amb-1"
CREW = "kim"
"""Who is on board."""
RECEIVER, MONITOR, OXYGEN, INPUTS = (
    "nmea-gnss",
    "philips-intellivue-rs232",
    "modbus-oxygen-suction",
    "wardlink-node-inputs",
)
"""Profiles."""
_SEED = 1
"""Of a receiver that is driven through the city (`hil/sims/routes`)."""


def ambulance(seed: int = _SEED) -> Ward:
    """Position, oximeter, monitor with ECG, oxygen and suction, siren and doors, all on serial lines."""
    kinds = {
        "gnss": RECEIVER,
        "ox": SERIAL_OXIMETER,
        "monitor": MONITOR,
        "oxygen": OXYGEN,
        "inputs": INPUTS,
    }
    return Ward(
        (WardBed(VEHICLE, "Ambulance 1"),),
        tuple(WardDevice(f"{name}-a", profile, VEHICLE, seed) for name, profile in kinds.items()),
        id="ambulances",
        name="Ambulances",
        gateway=VEHICLE,
        gateway_name="Ambulance 1",
    )


def told_by_value(devices: Iterable[WardDevice], checks: Iterable[Compared]) -> list[Compared]:
    """Those of `checks` that are of devices which say value by value what they sent.

    The monitor repeats values that count once; what became of its blocks, the ledger says.
    """
    repeating = {one.id for one in devices if one.profile == MONITOR}
    return [one for one in checks if one.device not in repeating]


def measuring(devices: Iterable[WardDevice]) -> Iterator[str]:
    """Those of `devices` that measure something, all the while; the inputs tell events only."""
    return (one.id for one in devices if profile(one.profile).metrics and one.every_s is None)

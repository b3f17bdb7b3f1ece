"""The bench's ward: beds of three kinds, again and again, so that every dial has a device that measures it.

1  what a patient wears: strap with ECG, thermometer and cuff by radio, an oximeter with its pleth on a cable
2  a bedside monitor on a cable: ECG, breathing, saturation, pressure and temperature in one
3  an oximeter with acoustic breathing on a cable, strap and thermometer by radio
"""

from collections.abc import Iterator

from hil.ward import (
    HEART_RATE,
    SERIAL_OXIMETER,
    THERMOMETER,
    Ward,
    WardBed,
    WardDevice,
    invented_name,
    radio_address,
)

ECG_STRAP, CUFF, MONITOR, ACOUSTIC = (
    "polar-h10-ecg",
    "and-ua-651ble",
    "philips-intellivue-rs232",
    "masimo-radical7",
)
"""Profiles."""


def bench_ward(count: int) -> Ward:
    """Beds 1 to `count`."""
    numbers = range(1, count + 1)
    beds = (WardBed(f"bed-{n}", f"Bed {n}", f"BENCH-{n:04d}", invented_name(n)) for n in numbers)
    return Ward(tuple(beds), tuple(device for n in numbers for device in _at_bed(n)))


def _at_bed(n: int) -> Iterator[WardDevice]:
    bed = f"bed-{n}"
    match n % 3:
        case 1:
            yield WardDevice(f"ecg-{n}", ECG_STRAP, bed, n, radio_address(1, n))
            yield WardDevice(f"temp-{n}", THERMOMETER, bed, n, radio_address(2, n))
            yield WardDevice(f"cuff-{n}", CUFF, bed, n, radio_address(3, n))
            yield WardDevice(f"ox-{n}", SERIAL_OXIMETER, bed, n)
        case 2:
            yield WardDevice(f"monitor-{n}", MONITOR, bed, n)
        case _:
            yield WardDevice(f"hr-{n}", HEART_RATE, bed, n, radio_address(1, n))
            yield WardDevice(f"temp-{n}", THERMOMETER, bed, n, radio_address(2, n))
            yield WardDevice(f"ox-{n}", ACOUSTIC, bed, n)

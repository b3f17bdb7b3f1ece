"""Values of the standard GATT services, as any Bluetooth central reads them. Bytes only.

Source: Bluetooth SIG, GATT Specification Supplement: PLX Continuous Measurement 3.171, Heart Rate Measurement
3.113, Temperature Measurement 3.223, Battery Level 3.26; PLXS 1.0.1, table 3.5; IEEE 11073-20601:2019, F.2.
"""

from firmware.sensors import reasons

PULSE_OXIMETER, PLX_CONTINUOUS, PLX_FEATURES = 0x1822, 0x2A5F, 0x2A60
HEART_RATE, HEART_RATE_MEASUREMENT = 0x180D, 0x2A37
THERMOMETER, TEMPERATURE, TEMPERATURE_TYPE = 0x1809, 0x2A1C, 0x2A1D
BATTERY, BATTERY_LEVEL = 0x180F, 0x2A19

_NO_SFLOAT = b"\xff\x07"
_NO_FLOAT = b"\xff\xff\x7f\x00"
_HAS_SENSOR_STATUS, _HAS_AMPLITUDE = 0x08, 0x10
_SENSOR_BITS = {reasons.NO_CONTACT: 1 << 11, reasons.SENSOR_OFF: 1 << 15, reasons.INVALID: 1 << 3}
_NONPULSATILE = 1 << 7
_QUALITY_BITS = {reasons.LOW_PERFUSION: 1 << 5, reasons.ARTIFACT: 1 << 6}
_CONTACT_KNOWN, _CONTACT, _WIDE = 4, 2, 1
_HAS_TYPE = 4
FINGER, BODY = 4, 2
"""Temperature types."""


def sfloat(number: "int | None", exponent: int) -> bytes:
    """`number` × 10^`exponent` in 16 bits; None: "not a number". Raises ValueError beyond ±2045."""
    if number is None:
        return _NO_SFLOAT
    if not -2046 < number < 2046:
        raise ValueError("a mantissa has 12 bits")
    return (exponent % 16 << 12 | number % 4096).to_bytes(2, "little")


def float32(number: "int | None", exponent: int) -> bytes:
    """`number` × 10^`exponent` in 32 bits; None: "not a number"."""
    if number is None:
        return _NO_FLOAT
    return (exponent % 256 << 24 | number % 0x1000000).to_bytes(4, "little")


def plx_continuous(said) -> bytes:
    """What the oximeter says (`oximetry.Result`): SpO2 to 0.1 %, pulse, status, perfusion to 0.01 %."""
    pulse = None if said.pulse is None else (said.pulse + 5) // 10
    status = 0
    if said.spo2 is None:
        status = _NONPULSATILE if said.reason == reasons.NOT_AVAILABLE else _SENSOR_BITS.get(said.reason, 0)
    else:
        for quality, bit in _QUALITY_BITS.items():
            status |= bit if said.quality & quality else 0
    flags = _HAS_SENSOR_STATUS | _HAS_AMPLITUDE
    amplitude = sfloat(None if said.pi is None else min(said.pi, 2045), -2)
    return (
        bytes((flags,)) + sfloat(said.spo2, -1) + sfloat(pulse, 0) + status.to_bytes(3, "little") + amplitude
    )


def heart_rate(tenths: "int | None") -> bytes:
    """Heart Rate Measurement; without a rate the sensor says that it has no contact."""
    if tenths is None:
        return bytes((_CONTACT_KNOWN, 0))
    rate = (tenths + 5) // 10
    flags = _CONTACT_KNOWN | _CONTACT
    return bytes((flags, rate)) if rate < 256 else bytes((flags | _WIDE,)) + rate.to_bytes(2, "little")


def temperature(hundredths: "int | None", place: int) -> bytes:
    """Temperature Measurement in degrees Celsius."""
    return bytes((_HAS_TYPE,)) + float32(hundredths, -2) + bytes((place,))


def battery_level(percent: int) -> bytes:
    """Battery Level."""
    return bytes((percent,))

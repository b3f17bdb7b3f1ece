"""Glucose Measurement Context (0x2A34): what a meter's user noted beside a measurement.

Of all fields only those that are present are told, each as the meter tells it.
Source: Bluetooth SIG, GATT Specification Supplement 2025-12-23, 3.119; checked against the tests of
NordicSemiconductor/Android-BLE-Common-Library.
"""

import struct
from dataclasses import dataclass
from decimal import Decimal

from devices.codecs.gatt import Fields
from devices.codecs.ieee11073 import Number, encode_sfloat
from devices.model.observation import NoValue

_CARBOHYDRATE, _MEAL, _TESTER_HEALTH, _EXERCISE, _MEDICATION, _LITRES, _HBA1C, _EXTENDED = (
    1 << bit for bit in range(8)
)
_OVERRUN = 0xFFFF
_CARBOHYDRATES = ("breakfast", "lunch", "dinner", "snack", "drink", "supper", "brunch")
_MEALS = ("preprandial", "postprandial", "fasting", "casual", "bedtime")
_TESTERS = {1: "self", 2: "health-care-professional", 3: "laboratory", 15: "not-available"}
_HEALTHS = {
    1: "minor-health-issues",
    2: "major-health-issues",
    3: "during-menses",
    4: "under-stress",
    5: "no-health-issues",
    15: "not-available",
}
_MEDICATIONS = (
    "rapid-acting-insulin",
    "short-acting-insulin",
    "intermediate-acting-insulin",
    "long-acting-insulin",
    "pre-mixed-insulin",
)
KETONE_MEAL = 6
"""The reserved Meal by which i-SENS's CareSens Dual marks a measurement of ketone, not of glucose.
Source: NightscoutFoundation/xDrip, glucosemeter/caresens/ContextRx.java and its test."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing noted: `value` in `unit`, or a name."""

    code: str
    value: str
    unit: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The characteristic's value. Pairs are a kind and its amount; kinds are numbers as they came."""

    sequence: int
    carbohydrate: tuple[int, Number] | None = None
    """Kind and kg."""
    meal: int | None = None
    tester_health: tuple[int, int] | None = None
    exercise: tuple[int, int] | None = None
    """Seconds and % of intensity."""
    medication: tuple[int, Number] | None = None
    """Kind and kg, or litres if `litres`."""
    litres: bool = False
    hba1c: Number | None = None
    """%"""

    @classmethod
    def decode(cls, data: bytes) -> "Context":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags, sequence = fields.uint(1), fields.uint(2)
        if flags & _EXTENDED:
            fields.take(1)
        carbohydrate = (fields.uint(1), fields.sfloat()) if flags & _CARBOHYDRATE else None
        meal = fields.uint(1) if flags & _MEAL else None
        health, tester = divmod(fields.uint(1) if flags & _TESTER_HEALTH else 0, 16)
        exercise = (fields.uint(2), fields.uint(1)) if flags & _EXERCISE else None
        medication = (fields.uint(1), fields.sfloat()) if flags & _MEDICATION else None
        hba1c = fields.sfloat() if flags & _HBA1C else None
        by_whom = (tester, health) if flags & _TESTER_HEALTH else None
        return cls(sequence, carbohydrate, meal, by_whom, exercise, medication, bool(flags & _LITRES), hba1c)

    def encode(self) -> bytes:
        """The characteristic's value."""
        value, flags = b"", _LITRES * self.litres
        if self.carbohydrate:
            flags |= _CARBOHYDRATE
            value += bytes((self.carbohydrate[0],)) + encode_sfloat(self.carbohydrate[1])
        if self.meal is not None:
            flags |= _MEAL
            value += bytes((self.meal,))
        if self.tester_health:
            flags |= _TESTER_HEALTH
            value += bytes((self.tester_health[1] << 4 | self.tester_health[0],))
        if self.exercise:
            flags |= _EXERCISE
            value += struct.pack("<HB", *self.exercise)
        if self.medication:
            flags |= _MEDICATION
            value += bytes((self.medication[0],)) + encode_sfloat(self.medication[1])
        if self.hba1c is not None:
            flags |= _HBA1C
            value += encode_sfloat(self.hba1c)
        return struct.pack("<BH", flags, self.sequence) + value

    def noted(self) -> list[Noted]:
        """What the value says."""
        notes: list[Noted] = []
        if self.carbohydrate:
            kind, amount = self.carbohydrate
            notes.append(Noted("carbohydrate", _told(amount), "kg", _name(_CARBOHYDRATES, kind)))
        if self.meal is not None:
            notes.append(Noted("meal", _name(_MEALS, self.meal)))
        if self.tester_health:
            tester, health = self.tester_health
            notes.append(Noted("tester", _TESTERS.get(tester, f"reserved-{tester}")))
            notes.append(Noted("health", _HEALTHS.get(health, f"reserved-{health}")))
        if self.exercise:
            seconds, intensity = self.exercise
            told = "overrun" if seconds == _OVERRUN else str(seconds)
            notes.append(Noted("exercise", told, "s", f"{intensity} %"))
        if self.medication:
            kind, amount = self.medication
            unit = "L" if self.litres else "kg"
            notes.append(Noted("medication", _told(amount), unit, _name(_MEDICATIONS, kind)))
        if self.hba1c is not None:
            notes.append(Noted("hba1c", _told(self.hba1c), "%"))
        return notes


def _name(known: tuple[str, ...], number: int) -> str:
    """The name of a kind; they are numbered from 1."""
    return known[number - 1] if 0 < number <= len(known) else f"reserved-{number}"


def _told(number: Number) -> str:
    if isinstance(number, NoValue):
        return number.name.lower().replace("_", "-")
    return f"{number:f}" if number else str(Decimal(0))

"""A cooled box with a thermometer at a gateway: real blocks through the real intake into a pharmacy.

box = await Box.at(here)                    # place "box-1", device "t-1" of gateway ward-a
await box.measures(5.0, minutes=30)         # one reading a minute; the time goes on
late = box.measured(5.0, minutes=30)        # the gateway has no uplink: blocks to `take` later
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from controller.imaging.sight import WHOLE
from controller.prescriptions.delivered import Delivery
from controller.prescriptions.delivery import Begun, Over
from controller.prescriptions.model import Prescription, Wanted
from devices.model.observation import Instant, NoValue, Quality, Reading
from tests.support.prescriptions import GTIN, MEDICINES, PAUL, PIA, WANTED, Pharmacy, over
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk

BOX, OTHER_BOX = "box-1", "box-2"
MINUTE_US = 60_000_000
GIVEN_OF = "INSASP300P"
"""Insulin aspart, which the starter's formulary keeps at 2 to 8 °C."""


def insulin() -> Wanted:
    found = MEDICINES.of_code(GIVEN_OF)
    assert found
    told = {name: getattr(WANTED, name) for name in Wanted.__dataclass_fields__}
    return Wanted(**{**told, "medicine": found.medicine})


@dataclass
class Box:
    """Of one pharmacy. `boot_us`: when the gateway began, in the controller's scale."""

    here: Pharmacy
    desk: Desk
    sender: Sender = field(default_factory=lambda: Sender(device="t-1", bed=BOX))
    boot_us: int = 0

    @classmethod
    async def at(cls, here: Pharmacy) -> "Box":
        """Both boxes are places of ward "pharmacy", in use."""
        await here.registry.add_ward("pharmacy", "Pharmacy")
        desk = Desk(here.store)
        made = cls(here, desk, boot_us=here.clock.at_us - 3_600_000_000)
        for place in (BOX, OTHER_BOX):
            await here.registry.add_bed(place, "pharmacy", place)
            await here.rx.boxes.use(place, PIA, in_use=True)
        await desk.load()
        await made.take(made.block(5.0))
        await here.registry.load()
        return made

    def block(self, value: float | None, quality: Quality = Quality.GOOD) -> bytes:
        """What the thermometer says now."""
        mono_us = self.here.clock.at_us - self.boot_us
        number = None if value is None else Decimal(str(value))
        reason = NoValue.NOT_AVAILABLE if value is None else None
        at = Instant(mono_us * 1000)
        return self.sender.block(Reading("ambient_temp", at, number, reason, quality), mono_us=mono_us)

    async def take(self, *blocks: bytes) -> None:
        """They arrive now."""
        self.desk.clock.at_us = self.here.clock.at_us
        for one in blocks:
            await self.desk.take(one)

    def measured(self, value: float | None, minutes: int) -> list[bytes]:
        """So much time goes by, and these are the blocks of it."""
        made = list[bytes]()
        for _ in range(minutes):
            self.here.clock.at_us += MINUTE_US
            made.append(self.block(value))
        return made

    async def measures(self, value: float | None, minutes: int = 10) -> None:
        for _ in range(minutes):
            await self.take(*self.measured(value, 1))

    async def begun(self, delivery: str = "ward", serial: str = "S1") -> tuple[Prescription, Begun]:
        """Insulin for 4711 that is ready."""
        wanted = insulin()
        await self.here.record(wanted.medicine, GTIN)
        rx = await self.here.signed(wanted, delivery=delivery)
        dispense = await self.here.begun(rx)
        dispense = await self.here.scanned(dispense, serial=serial)
        if dispense.high_alert:
            dispense = await self.here.rx.dispensing.check(over(dispense), PAUL)
        _, begun = await self.here.rx.dispensing.complete(over(dispense), "ward-a", PIA)
        return rx, begun

    async def packed(self, delivery: str = "ward") -> tuple[Prescription, Delivery]:
        """The same, in the box."""
        rx, begun = await self.begun(delivery)
        self.here.clock.at_us += 1_000_000  # what was measured before is of before
        return rx, await self.here.rx.cold.pack(self.over(begun.number), BOX, PIA)

    @staticmethod
    def over(number: str, revision: int = 1) -> Over:
        return Over(number, revision, WHOLE)

    async def told(self, number: str) -> Any:
        found, _ = await self.here.rx.deliveries.find(number, WHOLE)
        return (await self.here.rx.cold.shown([found.id]))[found.id]

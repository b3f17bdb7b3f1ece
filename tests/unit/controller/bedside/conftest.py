"""A ward of two beds with an oximeter at each of its two gateways, which run here without wires."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from controller.bedside.limits import WardLimits
from controller.bedside.settle import Settler
from controller.identity.certificates import By
from controller.limits import Wanted
from controller.stays import Patient
from tests.support.ward_box import WardBox
from tests.unit.controller.conftest import Desk

KIM = By("kim", "10.0.0.9")
ANN, BEN = Patient("P-ANN", "Ann"), Patient("P-BEN", "Ben")


class Ward:
    """`a` serves ox-1 at bed-1, `b` ox-2 at bed-2: as their own files say."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.store, self.registry = desk, desk.store, desk.registry
        self.limits, self.settler = WardLimits(desk.store, desk.clock), Settler(desk.store, desk.clock)
        made = desk.store, desk.clock
        self.a = WardBox(*made, folder / "a", "ward-a", served={"ox-1": "bed-1"})
        self.b = WardBox(*made, folder / "b", "ward-b", served={"ox-2": "bed-2"})

    async def begin(self) -> None:
        for box in (self.a, self.b):
            await self.registry.add_gateway(box.gateway, box.gateway)
            for device, bed in box.served:
                await self.serve(box, device, bed)
            await box.tell()

    async def serve(self, box: WardBox, device: str, bed: str) -> None:
        """The gateway says that a device is there; no person has."""
        row = device, box.gateway, "nonin-xpod", '["spo2"]', 0
        placed = "INSERT INTO assignment (device, bed, from_ms) VALUES (?, ?, 0)"
        await self.store.write(lambda db: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", row))
        await self.store.write(lambda db: db.execute(placed, (device, bed)))
        await self.registry.load()

    async def admit(self, patient: Patient, bed: str = "bed-1") -> None:
        await self.registry.admit(bed, patient, "kim")

    async def move(
        self, value: str, code: str = "spo2-low", bed: str = "bed-1", patient: str = "P-ANN"
    ) -> None:
        await self.limits.move(bed, Wanted(patient, code, value), KIM)

    async def configurations(self, gateway: str) -> list[dict[str, Any]]:
        """The settings that it was sent, the oldest first."""
        query = "SELECT settings FROM configuration WHERE gateway = ? ORDER BY revision"
        return [json.loads(row[0]) for row in await self.store.read(query, (gateway,))]

    async def present(self, bed: str = "bed-1") -> dict[str, Any]:
        held = await self.limits.present(bed)
        assert held is not None
        return held

    async def shown(self, code: str = "spo2-low", bed: str = "bed-1") -> dict[str, Any]:
        return next(one for one in (await self.present(bed))["limits"] if one["code"] == code)


@pytest.fixture
async def ward(desk: Desk, tmp_path: Path) -> AsyncIterator[Ward]:
    ward = Ward(desk, tmp_path)
    await ward.begin()
    yield ward

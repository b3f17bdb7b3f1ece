"""A desk with gateway ward-a and an inventory that can sign."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from controller.identity.files import keep_controller, open_authority
from controller.identity.receipts import signed_receipt
from controller.inventory.record import Record, needed
from controller.inventory.service import Inventory, Who
from tests.unit.controller.conftest import Desk

ANNA = Who("anna", "10.0.0.7")


def cuff(device: str = "bp-1", **values: str) -> Record:
    """A blood pressure monitor on ward-a."""
    return needed({"device": device, "profile": "beurer-bm85", "gateway": "ward-a", **values})


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The folder of an authority, with the controller's own certificate."""
    folder = tmp_path / "ca"
    now = datetime.now(UTC)
    keep_controller(folder, open_authority(folder, now), "controller", now, timedelta(days=1))
    return folder


@pytest.fixture
async def inventory(desk: Desk, authority: Path) -> Inventory:
    """The service behind page and command."""
    await desk.registry.add_gateway("ward-a", "Ward A")
    return Inventory(desk.store, desk.registry, desk.clock, partial(signed_receipt, authority))

"""The desk of tests/unit/controller, with one vehicle: amb-1."""

import pytest

from controller.identity.certificates import By
from controller.registry import Patient
from tests.unit.controller.conftest import Desk

CREW, NURSE = By("cora", "10.0.0.9"), By("nora")
PATIENT = Patient("T-0815", "unknown, male, about 60")


@pytest.fixture
async def ambulance(desk: Desk) -> Desk:
    await desk.registry.add_bed("amb-1", "w-1", "Ambulance 1")
    await desk.registry.admit("amb-1", PATIENT, "cora")
    return desk

"""Devices as FHIR R4 Devices: those that measured a patient, with what engineers recorded of them.

    await measuring(store, "4711")

HL7 FHIR R4 (4.0.1): Device; its UDI is that of GS1 (GTIN).
"""

import json
import sqlite3

from controller.cds.resources import fhir_id
from controller.handover.coded import Json, device_resource, full
from controller.store import Store
from devices.model.metrics import METRICS
from devices.profiles import profiles

_GS1 = "http://hl7.org/fhir/NamingSystem/gs1-di"
_MEASURING = """WITH mine AS (SELECT DISTINCT device FROM stay CROSS JOIN series ON series.bed = stay.bed
  WHERE identifier = ? AND metric IN (SELECT value FROM json_each(?))
  AND EXISTS (SELECT 1 FROM observation WHERE series = series.id
    AND at_us >= from_ms * 1000 AND at_us < ifnull(to_ms, 4611686018427387) * 1000))
SELECT mine.device AS device, coalesce(device.profile, inventory.profile) AS profile, serial, gtin,
  withdrawn_utc_us FROM mine LEFT JOIN device ON device.id = mine.device
LEFT JOIN inventory ON inventory.device = mine.device ORDER BY mine.device"""
_OF_PATIENTS = json.dumps([name for name, one in METRICS.items() if one.is_of_patient])


async def measuring(store: Store, patient: str) -> list[Json]:
    """A Device for each that measured the patient, by name. Raises StoreError."""
    return [_device(row) for row in await store.read(_MEASURING, (patient, _OF_PATIENTS))]


def _device(row: sqlite3.Row) -> Json:
    model = profiles().get(row["profile"] or "")
    return device_resource(
        row["device"],
        row["profile"],
        id=fhir_id("Device", row["device"]),
        status="active" if row["withdrawn_utc_us"] is None else "inactive",
        udiCarrier=[full(deviceIdentifier=row["gtin"], issuer=_GS1)] if row["gtin"] else None,
        manufacturer=model.manufacturer if model else None,
        modelNumber=model.model if model else None,
        serialNumber=row["serial"],
    )

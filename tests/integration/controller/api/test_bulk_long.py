"""Bulk Data of a patient who has more of everything than one page of the application shows."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from controller.sections import PaymentsSection
from controller.stays import Patient
from tests.support.bulk import EXPORT, begun, completed, lines, program
from tests.support.controller import RunningController, running
from tests.support.prescribed import WANTED

MANY = 501
"""More than is in any list."""
_COUNTED = "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < :many)"
_RXS = f"""{_COUNTED} INSERT INTO prescription SELECT v, 'RX' || v, '4711', 'N', NULL, :wanted, '1',
  '{{tablet}}', '[]', 'ward', '', 'anna', 'draft', 1, 1, 1, NULL, 'anna', 1 FROM n"""
_ORDERS = f"""{_COUNTED} INSERT INTO imaging_order SELECT v, 'A' || v, '1.2.' || v, stay.id, 'CT', 'head',
  'r', 'routine', '', 1, 'active', 1, 'anna', 1, 'anna', 1, NULL FROM n, stay"""
_VISITS = f"""{_COUNTED} INSERT INTO visit (id, number, subject, subject_name, way, host, start_ms, minutes,
  reason, follows, state, revision, booked_by, booked_ms, changed_by, changed_ms) SELECT v, 'TV' || v, '4711',
  'N', 'scheduled', 'anna', v, 15, 'r', '', 'booked', 1, 'anna', 1, 'anna', 1 FROM n"""
_PAYMENTS = f"""{_COUNTED} INSERT INTO payment (id, number, key, subject, patient, name, currency,
  total_minor, coverage, card, card_end, state, revision, why, withdrawn, refunds, reference, asks, ask_ms,
  made_by, made_ms, changed_by, changed_ms) SELECT v, 'PY' || v, 'k' || v, 'RX' || v || '/1', '4711', 'N',
  'EUR', 100, '', '', '', 'priced', 1, '', '', 0, '', 0, 0, 'anna', 1, 'anna', 1 FROM n"""


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """4711 lies here, and has MANY of each."""
    secret = tmp_path / "secret"
    secret.write_text("s" * 32)
    secret.chmod(0o600)
    async with running(tmp_path) as started:
        await started.add_bed("bed-1", "Bed 1")
        await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
        wanted = json.dumps({name: one for name, one in WANTED.items() if name != "dose"})

        def work(db: Any) -> None:
            for statement in (_RXS, _ORDERS, _VISITS, _PAYMENTS):
                db.execute(statement, {"many": MANY, "wanted": wanted})

        await started.store.write(work)
        url = "http://127.0.0.1:9"
        started.payments = PaymentsSection(url=url, merchant="m", secret_file=secret, currency="EUR")
        await started.stop()
        await started.start()
        yield started


async def test_a_patient_with_more_than_a_page_of_anything_is_exported_whole(
    controller: RunningController,
) -> None:
    kinds = "MedicationRequest", "ServiceRequest", "Appointment", "Invoice"
    scopes = f"{EXPORT} {' '.join(f'system/{kind}.s' for kind in kinds)}"
    async with program(controller, scopes) as session:
        found = await lines(session, await completed(session, await begun(session)))
    assert {kind: len({json.loads(one)["id"] for one in found[kind]}) for kind in kinds} == dict.fromkeys(
        kinds, MANY
    )

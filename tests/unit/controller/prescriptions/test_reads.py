"""A full ward is read as a small one: by a few queries, however much is prescribed."""

from typing import Any

import pytest

from controller.imaging.sight import WHOLE
from controller.prescriptions.dispensed import dispenses_of_all
from controller.prescriptions.timing import DAY_MS, Span
from controller.store import Store
from tests.support.prescriptions import Pharmacy


async def test_queue_round_and_deliveries_take_as_many_reads_for_one_prescription_as_for_many(
    here: Pharmacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    real = Store.read

    async def counted(store: Store, query: str, *parts: Any) -> Any:
        reads.append(query)
        return await real(store, query, *parts)

    async def look() -> int:
        reads.clear()
        queued = await here.rx.tasks.queue(WHOLE)
        await dispenses_of_all(here.rx.books, [rx for _, rx in queued])
        await here.rx.rounds.of(["4711"], Span(0, DAY_MS))
        await here.rx.deliveries.listed(WHOLE)
        return len(reads)

    await here.handed_out(await here.signed(), "10")
    monkeypatch.setattr(Store, "read", counted)
    one = await look()
    for place in range(4):
        await here.handed_out(await here.signed(), "10", serial=f"T{place}")
    assert await look() == one == 9

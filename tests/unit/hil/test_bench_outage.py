"""The bench of a start with a large journal, with a small one."""

from pathlib import Path

from hil.bench.outage import make, start


def test_a_start_finds_every_block_and_receipts_leave_none(tmp_path: Path) -> None:
    make(tmp_path, 3_000)
    figures = start(tmp_path)
    assert figures["blocks"] == 3_000
    assert figures["left"] == 0
    assert figures["receipt_us"] > 0

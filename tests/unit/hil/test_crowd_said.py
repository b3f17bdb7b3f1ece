"""What light gateways write down is what the checker of a cluster reads."""

from pathlib import Path

from hil.bench.crowd_order import Order
from hil.bench.crowd_said import Said


def test_a_block_and_its_receipt_are_lines(tmp_path: Path) -> None:
    said = Said.of(Order(0, {}, {}, 1.0, str(tmp_path / "said")), "gw-1")
    said.sealed(b"\x01\x02", 7, 2)
    said.receipted(b"\x01\x02", [6, 7])
    lines = (tmp_path / "said" / "gw-1").read_text(encoding="ascii").splitlines()
    assert lines == ["s 0102 7 2", "r 0102 6", "r 0102 7"]


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    Said.of(Order(0, {}, {}, 1.0), "gw-1").sealed(b"\x01", 7, 2)
    assert list(tmp_path.iterdir()) == []

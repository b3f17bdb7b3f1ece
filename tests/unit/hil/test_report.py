"""What the demo calls clean."""

from controller.ledger import LedgerRow
from hil.endcheck import Compared
from hil.report import is_clean, silent


def row(**counts: int) -> LedgerRow:
    return LedgerRow(journal="00", lane="vital", gateway="ward-a", produced=9, **counts)


def check(device: str, stored: int = 5, missing: int = 0, surplus: int = 0) -> Compared:
    return Compared(device, "spo2", 5, stored, 0, missing, surplus)


def test_a_ledger_without_loss_and_devices_that_agree_are_clean() -> None:
    assert is_clean([row(committed=9)], [check("ox-1")])


def test_whatever_is_missing_twice_or_unreadable_is_not_clean() -> None:
    for counts in ({"missing": 1}, {"duplicated": 1}, {"quarantined": 1}):
        assert not is_clean([row(**counts)], [check("ox-1")])
    assert not is_clean([row()], [check("ox-1", missing=1)])
    assert not is_clean([row()], [check("ox-1", surplus=1)])


def test_blocks_that_were_given_up_by_name_are_not_lost() -> None:
    assert is_clean([row(committed=7, shed=2)], [check("ox-1")])


def test_a_device_of_which_nothing_arrived_is_silent() -> None:
    checks = [check("ox-1"), check("ox-2", stored=0)]
    assert silent(["ox-1", "ox-2", "ox-3"], checks) == ["ox-2", "ox-3"]

"""What a light gateway has sealed and what it has receipts for, written down before it acts upon it.

said = Said.of(order, "gw-1")         # nothing is written unless the order names a folder
said.sealed(journal, 7, 2); said.receipted(journal, [7])

A line is `s JOURNAL NUMBER RECORDS` or `r JOURNAL NUMBER`, all of the vital lane.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from hil.bench.crowd_order import Order


class Said:
    """Of one gateway."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    @classmethod
    def of(cls, order: Order, gateway: str) -> "Said":
        """In the order's folder, if it has one."""
        if order.said is None:
            return cls(None)
        Path(order.said).mkdir(parents=True, exist_ok=True)
        return cls((Path(order.said) / gateway).open("a", encoding="ascii", buffering=1))

    def sealed(self, journal: bytes, number: int, records: int) -> None:
        """A block is made."""
        if self._file:
            self._file.write(f"s {journal.hex()} {number} {records}\n")

    def receipted(self, journal: bytes, numbers: Iterable[int]) -> None:
        """The controller has these for good, it says."""
        if self._file:
            self._file.write("".join(f"r {journal.hex()} {number}\n" for number in numbers))

"""The texts of docs/requirements.csv, so that a report says what is required and not just its number."""

import csv
from functools import cache
from pathlib import Path

from hil.errors import BadMeasurement

_FILE = Path(__file__).parents[2] / "docs" / "requirements.csv"


@cache
def texts(file: Path = _FILE) -> dict[str, str]:
    """What is required, by number ("F-02"). Raises OSError where the documents are not installed."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["id"]: row["requirement"] for row in csv.DictReader(rows)}


def text(requirement: str) -> str:
    """That of one. Raises BadMeasurement when there is no such requirement."""
    if requirement not in texts():
        raise BadMeasurement(f"{requirement} is not in {_FILE.name}: name one that is, or add it there")
    return texts()[requirement]

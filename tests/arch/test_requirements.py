"""docs/requirements.csv: each requirement has a test that exists; docs/security.md has those of security."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
with (ROOT / "docs" / "requirements.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_requirement_has_a_test_that_exists(row: dict[str, str]) -> None:
    path, _, name = row["test"].partition("::")
    code = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {re.escape(name)}\(", code, re.MULTILINE)
    assert row["requirement"]
    assert row["kind"] == {"S": "security", "F": "safety"}[row["id"][0]]


def test_each_requirement_has_a_number_of_its_own() -> None:
    assert Counter(row["id"] for row in ROWS).most_common(1)[0][1] == 1


def test_the_threat_model_names_every_requirement_of_security_and_no_other() -> None:
    named = set(re.findall(r"\bS-\d+\b", SECURITY))
    assert named == {row["id"] for row in ROWS if row["kind"] == "security"}

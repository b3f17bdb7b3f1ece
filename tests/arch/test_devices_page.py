"""docs/devices.md is the catalogue as it is."""

from pathlib import Path

import pytest

from devices.catalogue import markdown
from devices.profiles import Evidence, Profile, profiles

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run `./run devices --markdown > docs/devices.md`"


@pytest.mark.parametrize("one", profiles().values(), ids=profiles().keys())
def test_every_model_has_its_row_and_says_what_it_was_checked_against(one: Profile) -> None:
    (row,) = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{one.name}` ")
    ]
    assert ("**unverified**" in row) == (one.evidence == Evidence.UNVERIFIED)

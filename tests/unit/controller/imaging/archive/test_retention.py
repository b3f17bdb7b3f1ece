"""Studies go when their time is over."""

import pytest

from controller.imaging.archive.retention import days_kept, expire
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf

DAY_US = 86_400_000_000


async def studies(shelf: Shelf) -> list[str]:
    return [uid for (uid,) in await shelf.rows("SELECT uid FROM study ORDER BY uid")]


async def open_with(shelf: Shelf, **rules: int) -> None:
    await shelf.archive.close()
    await shelf.open(retention_days={key.replace("OTHERS", "*"): days for key, days in rules.items()})


async def test_a_study_goes_after_the_days_of_its_modality(shelf: Shelf) -> None:
    await open_with(shelf, CT=10)
    await shelf.store(dicom.ct(study="1.1"), dicom.rgb(study="1.2"))
    shelf.clock.at_us += 10 * DAY_US - 1000
    assert await expire(shelf.archive) == 0
    shelf.clock.at_us += 1000
    assert await expire(shelf.archive) == 1
    assert await studies(shelf) == ["1.2"]
    assert await shelf.rows("SELECT by, why FROM deletion") == [("retention", "kept for 10 days")]


async def test_the_days_count_from_its_last_change(shelf: Shelf) -> None:
    await open_with(shelf, CT=10)
    await shelf.store(dicom.ct(study="1.1"))
    shelf.clock.at_us += 9 * DAY_US
    await shelf.store(dicom.ct(study="1.1"))
    shelf.clock.at_us += 9 * DAY_US
    assert await expire(shelf.archive) == 0


async def test_what_is_held_for_a_person_stays(shelf: Shelf) -> None:
    await open_with(shelf, CT=10)
    await shelf.store(dicom.ct("", study="1.1"))
    shelf.clock.at_us += 100 * DAY_US
    assert await expire(shelf.archive) == 0


async def test_without_rules_everything_stays(shelf: Shelf) -> None:
    await shelf.store(dicom.ct())
    shelf.clock.at_us += 100_000 * DAY_US
    assert await expire(shelf.archive) == 0


@pytest.mark.parametrize(
    "modalities, days",
    [("\\CT\\", 10), ("\\CT\\SR\\", 30), ("\\CT\\MG\\", 30), ("\\MG\\", 30), ("", 30)],
)
def test_the_longest_of_several_modalities_holds(modalities: str, days: int) -> None:
    assert days_kept(modalities, {"CT": 10, "*": 30}) == days


def test_a_study_with_a_modality_without_a_rule_stays() -> None:
    assert days_kept("\\CT\\MG\\", {"CT": 10}) is None

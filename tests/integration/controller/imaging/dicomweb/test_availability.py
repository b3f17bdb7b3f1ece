"""Studies at the slow place: how searches call them, and what who asks for one is told."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.imaging.archive import slow
from controller.imaging.archive.archive import ArchiveSettings
from controller.imaging.archive.moving import move
from controller.imaging.sight import WHOLE
from tests.support import dicom
from tests.support.imaging import RunningImaging, running_imaging

LEVELS = ("studies", "series", "instances", "studies/1.1/series", "studies/1.1/instances")


@pytest.fixture
async def tiered(tmp_path: Path) -> AsyncIterator[RunningImaging]:
    """Study 1.1 is at the slow place, but for one of its two series; study 1.2 is not."""
    (tmp_path / "nas").mkdir()
    async with running_imaging(tmp_path, settings=ArchiveSettings(slow_folder=tmp_path / "nas")) as imaging:
        await imaging.store(
            dicom.ct(study="1.1", series="1.1.1"),
            dicom.ct(study="1.1", series="1.1.2"),
            dicom.ct(study="1.2"),
        )
        [one] = await imaging.archive.find(WHOLE, "1.1", "1.1.1")
        tiers = imaging.archive.tiers
        assert tiers is not None
        await tiers.slow.prepare(first=True)
        assert await move(imaging.archive, tiers, one.sha256, one.size)
        await tiers.fast.delete(one.sha256)
        yield imaging


async def availability(imaging: RunningImaging, path: str) -> dict[str, str]:
    """By the address."""
    found = await imaging.search(path)
    return {one["00081190"]["Value"][0]: one["00080056"]["Value"][0] for one in found}


@pytest.mark.parametrize("path", LEVELS)
async def test_what_a_slow_place_gives_at_once_is_online(tiered: RunningImaging, path: str) -> None:
    assert set((await availability(tiered, path)).values()) == {"ONLINE"}


@pytest.mark.parametrize("path", LEVELS)
async def test_what_comes_slowly_is_nearline_at_each_level(
    tiered: RunningImaging, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "QUICK_US", 0)
    found = await availability(tiered, path)
    near = {address for address, said in found.items() if said == "NEARLINE"}
    assert near == {address for address in found if address.endswith("/1.1") or "/1.1.1" in address}
    assert len(near) == 1


async def test_a_slow_place_that_is_not_there_is_told_and_all_else_is_given(
    tiered: RunningImaging, tmp_path: Path
) -> None:
    [one] = await tiered.search("studies/1.1/series/1.1.1/instances")
    uid = one["00080018"]["Value"][0]
    (tmp_path / "nas").rename(tmp_path / "elsewhere")
    path = f"studies/1.1/series/1.1.1/instances/{uid}"
    status, body, _ = await tiered.get(path, "application/dicom")
    assert (status, json.loads(body)["error"]["code"]) == (503, "out-of-reach")
    status, _, _ = await tiered.get(f"{path}/metadata", "application/dicom+json")
    assert status == 200  # it is in the index
    status, _, _ = await tiered.get("studies/1.2")
    assert status == 200
    assert await availability(tiered, "studies/1.1/series/1.1.1/instances") == {
        f"{tiered.dicomweb}/{path}": "NEARLINE"
    }
    (tmp_path / "elsewhere").rename(tmp_path / "nas")

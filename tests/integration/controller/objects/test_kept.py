"""Images and recordings in a bucket, end to end: stored, looked at, away, lost, erased."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.api.objects_context import OBJECTS, objects_families, objects_lost
from controller.api.recordings_context import RECORDED
from controller.clock import SystemClock
from controller.config import Config
from controller.identity.files import open_authority
from controller.imaging.archive.archive import ArchiveSettings
from controller.imaging.archive.objects import ObjectFiles
from controller.imaging.errors import CannotRead, OutOfReach
from controller.imaging.sight import WHOLE
from controller.objects.bucket import Bucket
from controller.objects.check import DAY_MS
from controller.objects.keeping import Keeping
from controller.objects.kinds import kinds
from controller.objects.owner import KEY
from controller.objects.settings import Access
from controller.sections import ControllerSection, TelemedicineSection
from controller.security.permissions import Role
from controller.shards.duty import DUTY, Duty
from tests.integration.controller.api.test_recordings import Scene, begun
from tests.support import dicom
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import status
from tests.support.imaging import running_imaging
from tests.support.recordings import SEALED
from tests.support.s3 import Spoiler

ANY = 'multipart/related; type="application/dicom"; transfer-syntax=*'


def keys(bucket: Bucket) -> list[str]:
    return sorted(one.key for some in bucket.all() for one in some if one.key != KEY)


@pytest.fixture
async def home(tmp_path: Path, access: Access, spoiler: Spoiler) -> AsyncIterator[Home]:
    """Whose recordings are in the bucket, by a way that can be spoiled."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        place = access.model_copy(update={"endpoint": f"http://127.0.0.1:{spoiler.port}"})
        controller.telemedicine = TelemedicineSection(sfu="off", objects=place)
        yield await at_home(controller, stack)


async def test_a_recording_is_kept_in_the_bucket_checked_and_erased(
    home: Home, bucket: Bucket, spoiler: Spoiler, access: Access
) -> None:
    scene: Scene = await begun(home)
    page = await scene.running()
    assert await page.send(b"pictures and sound", 0, 1) == 1
    [key] = keys(bucket)
    assert key.startswith(f"{page.number}/000001.")
    assert bucket.get(key) == page.boxes[0][1]
    assert not scene.folder.exists()
    place, box = page.make(b"more", 1, 2)
    spoiler.will("fail", 4)
    address = page.address(place)
    sent = {"params": address["params"], "data": box, "headers": SEALED}
    assert await status(scene.nurse.session, "POST", address["url"], **sent) == 503
    assert spoiler.done == ["fail"] * 4
    assert await page.put(scene.nurse.session, place, box) == 2
    store, clock = home.controller.store, home.controller.clock
    config = Config(
        controller=ControllerSection(data=store.folder), telemedicine=TelemedicineSection(objects=access)
    )
    keeping = Keeping([*kinds(config, store, clock)], store, clock)
    await keeping.look()
    assert (keeping.why(), keeping.reports["recordings"].rows) == ("", 2)
    bucket.delete(key)
    await keeping.look()
    assert keeping.reports["recordings"].missing == (key,)
    assert "1 missing" in keeping.why()
    app = {OBJECTS: keeping, RECORDED: home.controller.app[RECORDED]}
    assert objects_lost(app) == keeping.why()
    found = {
        (one.name, *one.labels.values()): one.value
        for family in await objects_families(app)
        for one in family.samples
    }
    assert found["wardlink_objects_lost", "recordings"] == 1
    assert found["wardlink_objects_requests_total", "recordings", "put", "away"] == 1
    assert found["wardlink_objects_requests_total", "recordings", "put", "done"] == 2
    assert found["wardlink_objects_away_seconds", "recordings"] == 0
    others = {**app, DUTY: Duty(is_shared=True)}  # another one looks now
    assert objects_lost(others) == ""
    assert not any(family.samples for family in await objects_families(others))


async def test_an_image_is_stored_by_dicomweb_and_is_never_given_out_broken(
    tmp_path: Path, access: Access, spoiler: Spoiler, bucket: Bucket
) -> None:
    place = access.model_copy(update={"endpoint": f"http://127.0.0.1:{spoiler.port}"})
    settings, content = ArchiveSettings(objects=place, reserve=0), dicom.ct(study="1.2")
    async with running_imaging(tmp_path / "imaging", settings=settings) as imaging:
        spoiler.todo.append("garble")
        assert (await imaging.store(content))[0] == 503
        assert spoiler.done == ["garble"]
        assert await imaging.search("studies") == []
        assert (await imaging.store(content))[0] == 200
        [stored] = await imaging.archive.find(WHOLE, "1.2")
        assert keys(bucket) == [stored.sha256.hex()]
        path = f"studies/1.2/series/{stored.series}/instances/{stored.instance}"
        told, body, _ = await imaging.get(path, ANY)
        assert (told, content in body) == (200, True)
        spoiler.todo.append("garble-get")
        with pytest.raises(CannotRead, match="not what was stored"):
            await imaging.archive.files.read(stored.sha256)
        spoiler.will("fail-get", 4)
        with pytest.raises(OutOfReach, match="try again"):
            await imaging.archive.files.read(stored.sha256)
        assert spoiler.done == ["garble", "garble-get", *["fail-get"] * 4]


async def test_an_orphan_goes_after_a_day_and_no_image_with_it(
    tmp_path: Path, access: Access, bucket: Bucket
) -> None:
    settings = ArchiveSettings(objects=access, reserve=0)
    async with running_imaging(tmp_path / "imaging", settings=settings) as imaging:
        await imaging.store(dicom.ct())
        kept, files = keys(bucket), imaging.archive.files
        assert isinstance(files, ObjectFiles)
        bucket.put("ab" * 32, b"sent, and then the power went")
        now_ms = SystemClock().utc_us() // 1000
        await imaging.archive.garbage.sweep(files.older(now_ms - DAY_MS))
        assert len(keys(bucket)) == len(kept) + 1
        await imaging.archive.garbage.sweep(files.older(now_ms + DAY_MS))
        assert keys(bucket) == kept

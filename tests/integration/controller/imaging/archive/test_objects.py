"""An archive whose files are in a bucket: moto's server, in a process of its own, is the endpoint."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest

from controller.clock import SystemClock
from controller.errors import StoreError
from controller.imaging.archive.archive import Archive, ArchiveSettings, Outcome, Verdict
from controller.imaging.archive.deletion import What, delete
from controller.imaging.archive.frames import frame_places
from controller.imaging.archive.reconciliation import move
from controller.imaging.archive.rewriting import Patient
from controller.imaging.errors import CannotRead
from controller.imaging.sight import WHOLE
from controller.objects.owner import KEY
from controller.objects.settings import Access
from tests.support import dicom
from tests.support.waiting import wait_for

BUCKET, PREFIX = "images", "ward/link"


class Bucket:
    """The endpoint's one bucket."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process = process
        self.endpoint = f"http://127.0.0.1:{port}"
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        self.client = boto3.client("s3", endpoint_url=self.endpoint, **keys)
        self.client.create_bucket(Bucket=BUCKET)

    def names(self) -> set[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {one["Key"] for one in found if not one["Key"].endswith(f"/{KEY}")}

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=key)


@pytest.fixture(scope="module")
def endpoint() -> "Iterator[tuple[subprocess.Popen[bytes], int]]":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: _listens(port), "moto listens")
        yield process, port
        process.kill()


@pytest.fixture
def bucket(endpoint: "tuple[subprocess.Popen[bytes], int]") -> Iterator[Bucket]:
    bucket = Bucket(*endpoint)
    yield bucket
    for key in (*bucket.names(), f"{PREFIX}/{KEY}"):
        bucket.delete(key)


@pytest.fixture
async def archive(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Archive]:
    archive = await _open(bucket.endpoint, tmp_path)
    yield archive
    await archive.close()


async def _open(endpoint: str, folder: Path) -> Archive:
    (folder / "secret").write_text("secret\n")
    objects = Access(
        endpoint=endpoint, bucket=BUCKET, prefix=PREFIX, key_id="key", secret_file=folder / "secret"
    )
    return await Archive.open(folder / "images", SystemClock(), ArchiveSettings(objects=objects, reserve=0))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def store(archive: Archive, *contents: bytes) -> list[Verdict]:
    async with archive.begin("ae:CT1") as batch:
        for content in contents:
            incoming = batch.part()
            incoming.write(content)
            await batch.take(incoming)
        return await batch.commit()


async def test_instances_are_objects_named_by_their_hashes(archive: Archive, bucket: Bucket) -> None:
    contents = dicom.ct_series(3, study="1.2")
    assert [verdict.outcome for verdict in await store(archive, *contents)] == [Outcome.STORED] * 3
    stored = await archive.find(WHOLE, "1.2")
    assert bucket.names() == {f"{PREFIX}/{one.sha256.hex()}" for one in stored}
    assert [await archive.files.read(one.sha256) for one in stored] == contents
    assert not list((archive.folder / "incoming").iterdir())


async def test_parts_of_an_object_are_read(archive: Archive) -> None:
    content = dicom.us_cine(frames=4)
    await store(archive, content)
    [stored] = await archive.find(WHOLE, dicom.read(content).StudyInstanceUID)
    [[(offset, length)], *_] = await frame_places(archive, stored)
    assert await archive.files.read(stored.sha256, offset, length) == content[offset : offset + length]
    assert content[offset : offset + 2] == b"\xff\xd8"
    assert await archive.files.read(stored.sha256, 5, 0) == b""


async def test_a_large_instance_is_sent_and_read_in_parts(archive: Archive, bucket: Bucket) -> None:
    content = dicom.ct(rows=2600)  # 13.5 MB: by a temporary file, several parts of an upload
    await store(archive, content)
    [stored] = await archive.find(WHOLE, dicom.read(content).StudyInstanceUID)
    sizes = [len(part) async for part in archive.files.chunks(stored.sha256, 0, stored.size)]
    assert sum(sizes) == len(content)
    assert await archive.files.read(stored.sha256) == content
    assert not list((archive.folder / "incoming").iterdir())


async def test_what_is_deleted_is_gone_from_the_bucket(archive: Archive, bucket: Bucket) -> None:
    await store(archive, *dicom.ct_series(2, study="1.2"))
    await delete(archive, WHOLE, What("1.2"), by="anna", why="")
    assert bucket.names() == set()


async def test_a_study_moves_to_another_patient(archive: Archive, bucket: Bucket) -> None:
    await store(archive, dicom.ct(study="1.2"))
    await move(archive, "1.2", Patient("0815", "Beispiel^Hans"), "anna", "wrong wristband")
    [stored] = await archive.find(WHOLE, "1.2")
    assert stored.patient_id == "0815"
    assert bucket.names() == {f"{PREFIX}/{stored.sha256.hex()}"}


async def test_an_object_that_is_missing_or_changed_is_told_apart(archive: Archive, bucket: Bucket) -> None:
    await store(archive, *dicom.ct_series(3, study="1.2"))
    missing, changed, good = await archive.find(WHOLE, "1.2")
    bucket.delete(f"{PREFIX}/{missing.sha256.hex()}")
    bucket.put(f"{PREFIX}/{changed.sha256.hex()}", b"something else")
    assert archive.files.digest(missing.sha256) is None
    assert archive.files.digest(changed.sha256) not in (None, changed.sha256)
    assert archive.files.digest(good.sha256) == good.sha256
    with pytest.raises(CannotRead):
        await archive.files.read(missing.sha256)
    with pytest.raises(CannotRead):
        await archive.files.read(changed.sha256, 0, changed.size)


async def test_objects_whose_rows_a_crash_cut_off_go(archive: Archive, bucket: Bucket) -> None:
    await store(archive, dicom.ct())
    kept = bucket.names()
    bucket.put(f"{PREFIX}/{'ab' * 32}", b"sent, and then the power went")
    bucket.put(f"{PREFIX}/notes.txt", b"somebody's own")
    await archive.garbage.sweep()
    assert bucket.names() == kept | {f"{PREFIX}/notes.txt"}


async def test_an_endpoint_that_does_not_answer_takes_nothing_and_is_no_damage(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        archive = await _open(f"http://127.0.0.1:{nobody.getsockname()[1]}", tmp_path)
        with pytest.raises(StoreError):
            await store(archive, dicom.ct())
        with pytest.raises(OSError):
            archive.files.digest(bytes(32))
        assert (await archive.store.read("SELECT count(*) FROM instance"))[0][0] == 0
        await archive.close()

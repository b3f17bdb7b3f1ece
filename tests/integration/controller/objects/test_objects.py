"""What a place for objects promises: the same tests for a folder and for a bucket of an S3 endpoint."""

import hashlib
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.objects.bucket import Bucket
from controller.objects.errors import BadObject, NoObject
from controller.objects.folder import Folder
from controller.objects.model import Objects
from controller.objects.sums import PART

LARGE = bytes(range(256)) * ((2 * PART + 1000) // 256 + 1)
"""Three parts of an upload."""


@pytest.fixture(params=["folder", "bucket", "bucket with versions"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Folder(tmp_path / "objects")
    name = "access" if request.param == "bucket" else "versioned"
    return Bucket(request.getfixturevalue(name), SystemClock())


def keys(objects: Objects, under: str = "") -> set[str]:
    return {one.key for some in objects.all(under) for one in some}


@pytest.mark.parametrize("content", [b"", b"a", LARGE], ids=["nothing", "a byte", "parts"])
def test_what_is_put_is_there_as_it_was(objects: Objects, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(content)
    objects.put("RC1/000001.box", content)
    objects.put("RC1/000002.box", tmp_path / "one")
    for key in ("RC1/000001.box", "RC1/000002.box"):
        assert objects.get(key) == content
        assert objects.digest(key) == hashlib.sha256(content).digest()
    assert (tmp_path / "one").exists()


def test_a_range_is_read(objects: Objects) -> None:
    objects.put("one", LARGE)
    assert objects.get("one", 5, 10) == LARGE[5:15]
    assert objects.get("one", PART - 2, 4) == LARGE[PART - 2 : PART + 2]
    assert objects.get("one", 5) == LARGE[5:]
    with pytest.raises(BadObject):
        objects.get("one", len(LARGE) - 2, 4)


def test_what_is_not_there_is_said_to_be_missing(objects: Objects) -> None:
    assert objects.digest("none") is None
    with pytest.raises(NoObject):
        objects.get("none")
    with pytest.raises(NoObject):
        objects.get("none", 0, 4)
    objects.delete("none")
    objects.delete("none/")
    assert keys(objects) == set()


def test_one_is_deleted_or_all_under_a_name(objects: Objects) -> None:
    for key in ("RC1/1", "RC1/2", "RC10/1", "RC2/1"):
        objects.put(key, b"a")
    objects.delete("RC2/1")
    assert keys(objects) == {"RC1/1", "RC1/2", "RC10/1"}
    assert keys(objects, "RC1/") == {"RC1/1", "RC1/2"}
    objects.delete("RC1/")
    assert keys(objects) == {"RC10/1"}
    assert objects.digest("RC1/1") is None


def test_a_list_tells_sizes_and_times(objects: Objects) -> None:
    objects.put("one", b"abc")
    [[found]] = objects.all()
    assert (found.key, found.size) == ("one", 3)
    assert abs(found.changed_ms - SystemClock().utc_us() // 1000) < 86_400_000


def test_the_same_is_put_again(objects: Objects) -> None:
    objects.put("one", b"abc")
    objects.put("one", b"abc")
    assert objects.get("one") == b"abc"
    assert keys(objects) == {"one"}

"""What goes wrong between us and an S3 endpoint: nobody is told that something is kept which is not."""

import hashlib
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.objects.bucket import Bucket
from controller.objects.errors import BadObject, NoObject, ObjectsAway
from controller.objects.settings import Access
from controller.objects.sums import PART
from hil.prepare import quiet_port
from hil.s3 import Server
from tests.support.s3 import Fault, Spoiler

BOX = bytes(range(256)) * 40


@pytest.mark.parametrize("fault", ["garble", "cut-short"])
@pytest.mark.parametrize("content", [BOX, BOX * (PART // len(BOX) + 2)], ids=["at once", "in parts"])
def test_what_did_not_arrive_as_it_is_was_not_put(
    spoiled: Bucket, spoiler: Spoiler, fault: Fault, content: bytes
) -> None:
    spoiler.todo.append(fault)
    with pytest.raises(BadObject):
        spoiled.put("one", content)
    assert spoiler.done == [fault]
    spoiled.put("one", content)
    assert spoiled.digest("one") == hashlib.sha256(content).digest()


def test_a_server_that_hangs_up_or_fails_is_asked_again(spoiled: Bucket, spoiler: Spoiler) -> None:
    spoiler.todo.append("hang-up")
    spoiler.todo.append("fail")
    spoiled.put("one", BOX)
    assert spoiler.done == ["hang-up", "fail"]
    assert spoiled.get("one") == BOX


def test_an_endpoint_that_only_fails_keeps_nothing_and_says_so(spoiled: Bucket, spoiler: Spoiler) -> None:
    spoiler.will("fail", 4)
    with pytest.raises(ObjectsAway):
        spoiled.put("one", BOX)
    assert spoiler.done == ["fail"] * 4
    told = spoiled.counts.told()
    assert told["asked"]["put"]["away"] == 1
    assert told["away_s"] > 0
    assert spoiled.digest("one") is None
    assert spoiled.counts.told()["away_s"] == 0


def test_what_is_cut_off_on_the_way_here_is_not_taken_for_all(spoiled: Bucket, spoiler: Spoiler) -> None:
    spoiled.put("one", BOX)
    spoiler.will("cut-get", 8)
    with pytest.raises(ObjectsAway):
        spoiled.get("one")
    assert "cut-get" in spoiler.done


def test_an_endpoint_that_is_killed_in_the_middle_of_a_put_has_not_taken_it(tmp_path: Path) -> None:
    with Server.made(quiet_port()) as server, Spoiler.before(server.port) as spoiler:
        access = server.access("killed", tmp_path / "secret")
        by_spoiler = access.model_copy(update={"endpoint": f"http://127.0.0.1:{spoiler.port}"})
        bucket, kills = Bucket(by_spoiler, SystemClock()), spoiler.when_waiting(server.kill)
        spoiler.todo.append("wait")
        with pytest.raises(ObjectsAway):
            bucket.put("one", BOX)
        kills.join()
        assert spoiler.done[0] == "wait"
        server.start()
        server.access("killed", tmp_path / "secret")
        with pytest.raises(NoObject):
            bucket.get("one")
        bucket.put("one", BOX)
        assert bucket.get("one") == BOX


def test_erased_is_gone_with_every_version(versioned: Access) -> None:
    bucket, name = Bucket(versioned, SystemClock()), f"{versioned.prefix}/RC1/1.box"
    bucket.put("RC1/1.box", b"first")
    bucket.put("RC1/1.box", b"second")
    bucket.put("RC1/10.box", b"another")
    bucket._versions._ask("DELETE", name, {"x-id": "DeleteObject"})  # somebody's mark, which hides it
    assert len([*bucket._versions.of(name)]) == 3
    bucket.delete("RC1/1.box")
    assert [*bucket._versions.of(name)] == []
    assert bucket.get("RC1/10.box") == b"another"
    bucket.delete("RC1/")
    assert [*bucket._versions.of(f"{versioned.prefix}/")] == []


def test_a_deletion_that_cannot_be_proved_is_an_error(spoiled: Bucket, spoiler: Spoiler) -> None:
    spoiled.put("one", BOX)
    spoiler.todo.append("fail-get")
    with pytest.raises(ObjectsAway, match="500"):
        spoiled.delete("one")
    assert spoiler.done == ["fail-get"]


def test_an_upload_that_never_ended_goes_after_a_day(bucket: Bucket, access: Access, s3: Server) -> None:
    s3.client.create_multipart_upload(Bucket=access.bucket, Key=f"{access.prefix}/one")
    now_ms = SystemClock().utc_us() // 1000
    assert bucket.drop_uploads(0) == 0
    assert bucket.drop_uploads(now_ms) == 1
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=access.bucket)


def test_an_endpoint_that_encrypts_by_keys_of_its_own_is_read_back(spoiled: Bucket, spoiler: Spoiler) -> None:
    spoiler.etag = '"not-a-sum"'
    spoiled.put("one", BOX)
    spoiler.todo.append("garble")
    with pytest.raises(BadObject):
        spoiled.put("two", BOX)
    assert spoiler.done == ["garble"]

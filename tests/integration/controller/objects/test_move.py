"""`wardlink objects move` and `clean`: from the folder into the bucket; nothing goes before it is there."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.clock import SystemClock
from controller.config import load
from controller.objects.bucket import Bucket
from controller.objects.cli import app
from controller.objects.kinds import SWITCHED, told_places
from controller.objects.owner import KEY, Owner, read_owner
from controller.only_one import only_one
from hil.s3 import Server

IMAGE = b"an image of a patient"
NAME = hashlib.sha256(IMAGE).hexdigest()


@pytest.fixture
def run(tmp_path: Path, s3: Server, request: pytest.FixtureRequest) -> Callable[..., tuple[int, str]]:
    bucket = "moved-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:8]
    s3.access(bucket, tmp_path / "s3-secret")
    (tmp_path / "one.toml").write_text(
        f'[objects]\nurl = "s3://{bucket}/a"\nendpoint = "{s3.endpoint}"\nkey_id = "key"\n'
        'secret_file = "s3-secret"\n[imaging]\n[controller]\ndata = "data"\n'
    )
    files = tmp_path / "data" / "imaging" / "files"
    for path, content in (
        (files / NAME[:2] / NAME, IMAGE),
        (files / "ab" / ("ab" * 32), b"damaged"),
        (files / "tmp" / "aside", b"on its way"),
        (tmp_path / "data" / "recordings" / "RC1" / "000001.box", b"a box"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*words, "--config", str(tmp_path / "one.toml")])
        return result.exit_code, result.output

    return run


def test_what_is_copied_is_checked_and_goes_once_the_controller_works_with_the_bucket(
    run: Callable[..., tuple[int, str]], tmp_path: Path, s3: Server
) -> None:
    with only_one(tmp_path / "data"):
        code, text = run("move")
        assert code == 0
        assert "2 copied, 0 were there" in text
        assert "the controller runs" in text
    place = load(tmp_path / "one.toml").objects
    assert place
    code, text = run("move", "--to", place.url)
    assert "0 copied, 2 were there" in text
    assert "every row has its object" in text
    code, text = run("clean")
    assert (code, (tmp_path / "data" / "recordings" / "RC1" / "000001.box").exists()) == (1, True)
    (tmp_path / "data" / SWITCHED).write_text(told_places(load(tmp_path / "one.toml")))
    code, text = run("clean")
    assert code == 0
    assert "2 removed" in text
    left = {path.name for path in (tmp_path / "data").rglob("*") if path.is_file() and path.suffix != ".db"}
    assert "ab" * 32 in left
    assert not left & {NAME, "000001.box"}


def test_another_bucket_than_the_configured_one_is_refused(run: Callable[..., tuple[int, str]]) -> None:
    code, _ = run("move", "--to", "s3://another")
    assert code == 1


def test_that_it_is_ours_is_said_by_who_is_sure(
    run: Callable[..., tuple[int, str]], tmp_path: Path, s3: Server
) -> None:
    place = load(tmp_path / "one.toml").telemedicine
    assert place
    assert place.objects
    bucket = Bucket(place.objects, SystemClock())
    bucket.put(KEY, Owner("another's", 41).pack())
    code, text = run("own")
    assert (code, read_owner(bucket.get(KEY)).name) == (1, "another's")
    assert "--sure" in text
    code, text = run("own", "--sure")
    assert (code, text.strip()) == (0, "what is there is ours from now on")
    said = read_owner(bucket.get(KEY))
    assert said.name != "another's"
    assert said.turn == 42

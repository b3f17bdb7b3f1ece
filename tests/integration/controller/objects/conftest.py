"""An S3 endpoint in a process of its own, one for all; each test has a bucket."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.objects.bucket import Bucket
from controller.objects.settings import Access
from hil.prepare import quiet_port
from hil.s3 import Server
from tests.support.s3 import Spoiler

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def s3() -> Iterator[Server]:
    with Server.made(quiet_port()) as server:
        yield server


@pytest.fixture
def access(s3: Server, tmp_path: Path) -> Access:
    return s3.access(f"bucket-{next(_NUMBERS)}", tmp_path / "s3-secret")


@pytest.fixture
def versioned(s3: Server, tmp_path: Path) -> Access:
    return s3.access(f"versioned-{next(_NUMBERS)}", tmp_path / "s3-secret", versions=True)


@pytest.fixture
def bucket(access: Access) -> Bucket:
    return Bucket(access, SystemClock())


@pytest.fixture
def spoiler(s3: Server) -> Iterator[Spoiler]:
    with Spoiler.before(s3.port) as spoiler:
        yield spoiler


@pytest.fixture
def spoiled(access: Access, spoiler: Spoiler) -> Bucket:
    """The bucket, by a way on which things go wrong."""
    return Bucket(access.model_copy(update={"endpoint": f"http://127.0.0.1:{spoiler.port}"}), SystemClock())

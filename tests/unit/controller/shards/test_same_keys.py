"""Several controllers open what each of them has sealed, or do not start."""

import shutil
from pathlib import Path

import pytest

from controller.errors import ConfigError
from controller.shards.same_keys import check
from controller.store import Store


async def test_who_has_another_key_does_not_start_and_does_with_a_copy(tmp_path: Path) -> None:
    database = tmp_path / "first" / "wardlink.sqlite"
    first = await Store.open(database)
    await check(first)
    await check(first)  # after a restart
    second = await Store.open(database)
    second.folder = tmp_path / "second"
    with pytest.raises(ConfigError, match=r"second-factor.key: expected the key of the other controllers"):
        await check(second)
    shutil.rmtree(second.folder)
    shutil.copytree(first.folder / "keys", second.folder / "keys")
    await check(second)
    (second.folder / "keys" / "recordings.key").unlink()  # it would make another
    with pytest.raises(ConfigError, match=r"recordings.key: expected the key of the other controllers"):
        await check(second)
    await first.close()
    await second.close()

"""`python -m controller.imaging.plugins`: it starts while nothing else is there, is last in line, ends."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from controller.imaging.plugins.settings import PluginSettings
from controller.store import Store
from tests.support.waiting import wait_for


async def made(database: Path) -> None:
    await (await Store.open(database)).close()


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_it_runs_lowest_without_an_archive_until_it_is_told_to_end(tmp_path: Path, how: str) -> None:
    database = tmp_path / "wardlink.sqlite"
    asyncio.run(made(database))
    settings = PluginSettings(
        folder=tmp_path / "plugins", inside=tmp_path / "nobody.sock", database=str(database), offset_us=0
    )
    (tmp_path / "plugins.json").write_text(settings.model_dump_json())
    command = [sys.executable, "-m", "controller.imaging.plugins", str(tmp_path / "plugins.json")]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            wait_for(lambda: "plug-ins wait" in (tmp_path / "log").read_text(), "it asks in vain")
            assert process.poll() is None
            assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
            getattr(process, how)()
            assert process.wait(20) == (0 if how == "terminate" else -9)
        finally:
            process.kill()
    assert (tmp_path / "plugins" / "plugins.sqlite").exists()

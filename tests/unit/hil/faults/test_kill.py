"""A kill is proven by the victim's supervisor, and is over when another process has its place."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest

from hil.faults.kill import Killer
from hil.processes import Kept

# The controller's broker is told by its name, which a copy of `sleep` can have.
CONTROLLER = """import subprocess, sys
while True:
    status = subprocess.Popen([sys.argv[1], "60"]).wait()
    print(f"the broker ended with status {status} (see", flush=True)"""


def copy_of_sleep(path: Path) -> Path:
    path.write_bytes(Path("/bin/sleep").read_bytes())
    path.chmod(0o700)
    return path


@pytest.fixture
async def killer(tmp_path: Path) -> AsyncIterator[Killer]:
    """Two processes that are kept alive, one of which keeps a third."""
    told: list[str] = []

    def died(name: str, status: int, _: list[str]) -> None:
        told.append(f"{name} ended (killed by signal {-status}) and is started again")

    broker = copy_of_sleep(tmp_path / "nats-server")
    gateway = Kept("gateway", ["/bin/sleep", "60"], log=tmp_path / "gateway.log", died=died)
    argv = [sys.executable, "-c", CONTROLLER, str(broker)]
    controller = Kept("controller", argv, log=tmp_path / "controller.log", died=died)
    await gateway.start()
    await controller.start()
    yield Killer(cast(Any, SimpleNamespace(gateway=gateway, controller=controller)), told)
    left = psutil.Process(controller.pid).children()
    await gateway.stop()
    await controller.stop()
    for process in left:
        process.kill()


@pytest.mark.parametrize("name", ["gateway", "broker"])
async def test_a_kill_is_proven_and_another_takes_the_place(killer: Killer, name: str) -> None:
    death = await killer.kill(name)
    assert death.proven
    assert not psutil.pid_exists(death.pid) or psutil.Process(death.pid).status() == psutil.STATUS_ZOMBIE
    await killer.replaced(death)
    now = killer.process(name)
    assert now is not None
    assert now.pid != death.pid


async def test_a_death_that_no_supervisor_tells_is_not_proven(killer: Killer) -> None:
    silent = Killer(killer.stack, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hil.faults.kill._WORD_S", 0.2)
        assert not (await silent.kill("gateway")).proven

"""What an engineer says on the controller's machine: whose releases, which of them, at which gateways."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from controller.clock import SystemClock
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.software.cli import app
from controller.store import Store
from devices.wire.orders import Configuration
from hil.faults.releases import repository, tiny
from release.repository import Repository

Cli = Callable[..., Result]
MADE = "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES ('ward-a', 'Ward A', 0, 1)"
SAID = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (1, 1, 0, 1, 1, 1, 'ward-a', NULL, 'software', ?)"""


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path)
    made.publish([tiny(tmp_path, 1), tiny(tmp_path, 2)])
    return made


async def in_store(work: Callable[[Store], object]) -> object:
    store = await Store.open(Path("controller-data") / "wardlink.sqlite")
    try:
        return await work(store)  # type: ignore[misc]
    finally:
        await store.close()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    asyncio.run(in_store(lambda store: store.write(lambda db: db.execute(MADE))))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def settings() -> dict[str, str | int]:
    """The newest configuration of ward-a."""

    async def newest(store: Store) -> dict[str, str | int]:
        (one,) = await OrderDesk(store, SystemClock()).configurations("ward-a")
        assert isinstance(one.order, Configuration)
        return dict(one.order.settings)

    return asyncio.run(in_store(newest))  # type: ignore[return-value]


def test_a_repository_is_taken_over_and_listed(cli: Cli, repo: Repository) -> None:
    taken = cli("import", repo.folder, "--root", repo.root())
    assert taken.exit_code == 0, taken.output
    assert [line.split("\t")[0] for line in taken.output.splitlines()] == ["release 1", "release 2"]
    assert cli("list").output == taken.output


def test_a_repository_of_nobody_known_is_refused(cli: Cli, repo: Repository) -> None:
    refused = cli("import", repo.folder)
    assert (refused.exit_code, "--root" in refused.output) == (1, True)
    assert cli("list").output == ""


def test_the_release_of_a_gateway_is_set_beside_what_was_set_before(cli: Cli, repo: Repository) -> None:
    cli("import", repo.folder, "--root", repo.root())
    configured = {"log-level": "debug", "dscp-wave": 8}
    asyncio.run(
        in_store(lambda store: OrderDesk(store, SystemClock()).configure("ward-a", configured, By("anna")))
    )
    used = cli("use", 2, "ward-a", "--why", "mends the clock")
    assert (used.exit_code, used.output) == (0, "ward-a: is to run release 2\n")
    assert settings() == {**configured, "software-release": 2}
    assert cli("show").output.splitlines()[1].split() == ["ward-a", "2"]


def test_a_release_that_is_not_offered_is_asked_of_nobody(cli: Cli, repo: Repository) -> None:
    cli("import", repo.folder, "--root", repo.root())
    refused = cli("use", 3, "ward-a")
    assert (refused.exit_code, "release 3 is not offered" in refused.output) == (1, True)
    assert cli("show").output.splitlines()[1].split() == ["ward-a"]


def test_how_far_a_gateway_is_shows_with_the_reason(cli: Cli, repo: Repository) -> None:
    said = json.dumps({"release": 2, "progress": "filled", "why": "it waits: ox-1 measures a patient"})
    asyncio.run(in_store(lambda store: store.write(lambda db: db.execute(SAID, (said,)))))
    assert "2        filled    it waits: ox-1 measures a patient" in cli("show").output

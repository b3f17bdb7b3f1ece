"""What an engineer does on the controller's own machine."""

import asyncio
import getpass
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from controller.clock import SystemClock
from controller.identity.authority import new_key
from controller.identity.certificates import issue, moment
from controller.identity.cli import app
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.store import Store
from devices.model.claim import Claim

ADDRESSES = {"est": "https://10.0.0.5:8443", "mqtt": "mqtts://10.0.0.5:8883"}
NOW_S = SystemClock().utc_us() // 1_000_000

Cli = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a controller that runs, with ward w-1."""
    data = tmp_path / "controller-data"
    authority = open_authority(data / FOLDER, moment(NOW_S))
    keep_controller(data / FOLDER, authority, "controller", moment(NOW_S), Lives().controller)
    (data / "run").mkdir()
    (data / "run" / "addresses.json").write_text(json.dumps(ADDRESSES))
    written(data, "INSERT INTO ward VALUES ('w-1', 'Ward 1')")
    return data


@pytest.fixture
def cli(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, words)


def written(data: Path, query: str) -> list[tuple[object, ...]]:
    async def work() -> list[tuple[object, ...]]:
        store = await Store.open(data / "wardlink.sqlite")
        done = await store.write(lambda db: db.execute(query))
        rows = [tuple(row) for row in done.fetchall()] if done.description else []
        await store.close()
        return rows

    return asyncio.run(work())


def certify(data: Path, gateway: str) -> None:
    async def work() -> None:
        store = await Store.open(data / "wardlink.sqlite")
        authority = open_authority(data / FOLDER, moment(NOW_S))
        key, life = new_key().public_key(), Lives().gateway
        await store.write(lambda db: issue(db, authority, gateway, key, NOW_S, life=life))
        await store.close()

    asyncio.run(work())


def test_provisioning_shows_a_code_and_writes_a_file_for_its_owner_alone(cli: Cli, tmp_path: Path) -> None:
    result = cli("provision", "ward-a", "--place", "w-1", "--asset-tag", "BME-17")
    assert result.exit_code == 0, result.output
    file = tmp_path / "ward-a.claim"
    claim = Claim.from_text(file.read_text().strip())
    assert (claim.gateway, claim.est, claim.mqtt) == ("ward-a", ADDRESSES["est"], ADDRESSES["mqtt"])
    assert file.stat().st_mode & 0o777 == 0o600
    assert "█▀" in result.output or "█▄" in result.output
    assert "then delete it" in result.output
    assert claim.token not in result.output  # a terminal's history keeps no token


def test_the_trail_has_who_was_logged_in(cli: Cli, data: Path) -> None:
    cli("provision", "ward-a", "--place", "w-1")
    assert written(data, "SELECT action, actor FROM audit") == [
        ("gateway-provisioned", f"cli:{getpass.getuser()}")
    ]


def test_addresses_and_file_can_be_given(cli: Cli, data: Path, tmp_path: Path) -> None:
    (data / "run" / "addresses.json").unlink()
    given = "--est", "https://controller.ward:1", "--mqtt", "mqtts://controller.ward:2", "--out", "sub/x.json"
    assert cli("provision", "ward-a", "--place", "w-1", *given).exit_code == 0
    claim = Claim.from_text((tmp_path / "sub" / "x.json").read_text().strip())
    assert (claim.est, claim.mqtt) == given[1:4:2]


def test_without_a_running_controller_it_says_what_to_do(cli: Cli, data: Path, tmp_path: Path) -> None:
    (data / "run" / "addresses.json").unlink()
    result = cli("provision", "ward-a", "--place", "w-1", "--est", "https://controller.ward:1")
    assert result.exit_code == 1
    assert "start it, or give --est and --mqtt" in result.output
    assert not (tmp_path / "ward-a.claim").exists()


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("provision", "Ward A", "--place", "w-1"), "use 1 to 48"),
        (("provision", "ward-a", "--place", "w-9"), "there are: w-1: add it first"),
        (("revoke", "ward-x"), "look at the list"),
        (("decommission", "ward-x"), "look at the list"),
    ],
)
def test_a_mistake_is_explained_not_traced(cli: Cli, words: tuple[str, ...], remedy: str) -> None:
    result = cli(*words)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert remedy in result.output


def test_the_list_says_how_far_each_gateway_is(cli: Cli, data: Path) -> None:
    for gateway in ("a", "b", "c", "d"):
        cli("provision", gateway, "--place", "w-1", "--name", f"Box [{gateway}]", "--class", "vehicle")
    written(data, "UPDATE claim SET expires_utc_s = 1 WHERE gateway <> 'a'")
    certify(data, "b")
    certify(data, "d")
    written(data, "UPDATE certificate SET expires_utc_s = 2 WHERE gateway = 'd'")
    lines = cli("list").output.splitlines()
    kept = r"{0} +Box \[{0}\] +w-1 +vehicle +{1} *"
    for line, gateway, state in (
        (lines[1], "a", r"claim open until 20\S+ \S+ UTC"),
        (lines[2], "b", r"certificate until 20\S+ \S+ UTC"),
        (lines[3], "c", r"no certificate: provision it again"),
        (lines[4], "d", r"certificate until 1970\S+ \S+ UTC, it can renew"),
    ):
        assert re.fullmatch(kept.format(gateway, state), line)


def test_revoking_prints_what_it_ended(cli: Cli, data: Path) -> None:
    cli("provision", "ward-a", "--place", "w-1")
    certify(data, "ward-a")
    [(serial,)] = written(data, "SELECT serial FROM certificate")
    assert cli("revoke", "ward-a", "--why", "stolen").output == f"{serial}\n"
    assert written(data, "SELECT why FROM certificate") == [("stolen",)]
    assert "no certificate" in cli("list").output or "claim open" in cli("list").output


def test_decommissioning_gives_a_receipt(cli: Cli, tmp_path: Path) -> None:
    cli("provision", "ward-a", "--place", "w-1")
    assert cli("decommission", "ward-a", "--out", "receipt.eml").exit_code == 0
    assert '"receipt": "gateway-decommissioned"' in (tmp_path / "receipt.eml").read_text()
    assert "not let in" in cli("list").output


def test_with_a_clock_that_is_not_set_it_says_so_and_makes_no_claim(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "utc_us", lambda _: 86_400_000_000)
        result = cli("provision", "ward-a", "--place", "w-1")
        assert (result.exit_code, type(result.exception)) == (1, SystemExit)
        assert "clock says 1970-01-02" in result.output
        assert not (tmp_path / "ward-a.claim").exists()
        assert cli("list").exit_code == 0
    assert cli("provision", "ward-a", "--place", "w-1").exit_code == 0


def test_a_claim_that_cannot_be_written_is_told_not_traced(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = cli("provision", "ward-a", "--place", "w-1", "--out", "file/ward-a.claim")
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)

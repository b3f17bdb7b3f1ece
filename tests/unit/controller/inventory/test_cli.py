"""What an engineer does with devices on the controller's own machine."""

import asyncio
import getpass
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from controller.clock import SystemClock
from controller.hub import Hub
from controller.identity.files import FOLDER, keep_controller, open_authority
from controller.inventory.cli import app
from controller.registry import Registry
from controller.store import Store

Cli = Callable[..., Result]
CUFF = ("record", "bp-1", "--profile", "beurer-bm85", "--serial", "A17", "--gateway", "ward-a")


async def furnish(database: Path) -> None:
    store = await Store.open(database)
    clock = SystemClock()
    registry = Registry(store, Hub(clock, "test"), clock)
    await registry.load()
    await registry.add_ward("w-1", "Ward 1")
    for bed in ("bed-1", "bed-2"):
        await registry.add_bed(bed, "w-1", bed)
    await registry.add_gateway("ward-a", "Ward A")
    await store.close()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command, in the folder of a controller with two beds and a gateway."""
    data, now = tmp_path / "controller-data", datetime.now(UTC)
    keep_controller(data / FOLDER, open_authority(data / FOLDER, now), "controller", now, timedelta(days=1))
    asyncio.run(furnish(data / "wardlink.sqlite"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, words)


def test_a_device_is_recorded_placed_moved_and_taken_off(cli: Cli) -> None:
    assert cli(*CUFF, "--bed", "bed-1").output == "added\n"
    refused = cli("place", "bp-1", "bed-2")
    assert refused.exit_code == 1
    assert "is on 'bed-1': take it off there first, or say that it is moved" in refused.output
    assert cli("place", "bp-1", "bed-2", "--move").exit_code == 0
    assert re.search(r"^bp-1 .* bed-2 ", cli("list").output, re.MULTILINE)
    assert cli("take-off", "bp-1").exit_code == 0
    assert "bp-1" in cli("list", "--only", "unplaced").output
    assert "bp-1" not in cli("list", "--only", "withdrawn").output


def test_a_scan_says_whose_label_it_is_or_what_it_fits(cli: Cli) -> None:
    assert "fits\tbeurer-bm85\tby gtin" in cli("scan", "(01)04211125658212(21)A17").output
    assert "fits no profile that is known" in cli("scan", "(01)00833166000122").output
    cli(*CUFF)
    assert "recorded as\tbp-1" in cli("scan", "SN A17").output
    refused = cli("scan", "+A123BJC5D6E71")
    assert (refused.exit_code, "HIBC" in refused.output) == (1, True)


def test_everything_that_was_is_shown_with_who_did_it(cli: Cli) -> None:
    cli(*CUFF, "--bed", "bed-1")
    assert cli("pair", "bp-1", "none", "--why", "replaced").exit_code == 0
    assert cli("pair", "bp-1", "weak", "--why", "replaced").exit_code == 2
    shown = cli("show", "bp-1").output
    assert f"cli:{getpass.getuser()}\tpaired\tpairing: bonded → none; why: replaced" in shown
    assert "on bed-1\tuntil now, stays none" in shown


def test_an_import_tells_each_bad_row_and_ends_with_1(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "devices.csv"
    table.write_text("device;profile\nbp-1;beurer-bm85\nbp-2;nobody's\n")
    tried = cli("import", str(table), "--dry-run")
    assert 'row 3: profile: expected a device profile, got "nobody\'s"' in tried.output
    assert "1 added, 0 changed, 0 unchanged, 1 errors (nothing was changed)" in tried.output
    assert cli("import", str(table)).exit_code == 1
    table.write_text("device;profile\nbp-1;beurer-bm85\n")
    assert cli("import", str(table)).exit_code == 0
    assert cli("export", str(tmp_path / "out.csv")).exit_code == 0
    assert "bp-1,beurer-bm85," in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_decommissioning_writes_a_receipt_for_its_owner_alone(cli: Cli, tmp_path: Path) -> None:
    cli(*CUFF)
    receipt = tmp_path / "receipt.p7s"
    assert cli("decommission", "bp-1", "--why", "broken", "--out", str(receipt)).exit_code == 0
    assert '"why": "broken"' in receipt.read_text()
    assert receipt.stat().st_mode & 0o777 == 0o600
    assert cli(*CUFF).exit_code == 1
    assert cli(*CUFF, "--again").output == "changed\n"

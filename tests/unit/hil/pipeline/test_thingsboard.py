"""thingsboard-gateway's configuration: nothing limits it, and it cannot leave this machine."""

import json
from pathlib import Path
from typing import Any

import pytest

from hil.bench.pipeline import thingsboard
from hil.bench.pipeline.thingsboard import BEST, SHIPPED, Settings


def configured(folder: Path, settings: Settings, name: str) -> dict[str, Any]:
    thingsboard.configure(folder, 1111, 2222, settings)
    return json.loads((folder / "config" / f"{name}.json").read_text(encoding="utf-8"))


def test_it_finds_its_server_and_its_feeder(tmp_path: Path) -> None:
    gateway = configured(tmp_path, BEST, "tb_gateway")
    connector = json.loads((tmp_path / "config" / "mqtt.json").read_text(encoding="utf-8"))
    assert gateway["thingsboard"]["port"] == 1111
    assert connector["broker"]["port"] == 2222
    assert [one["topicFilter"] for one in connector["mapping"]] == ["ward/+", "alarm/+"]


@pytest.mark.parametrize("settings", [SHIPPED, BEST])
def test_it_stores_in_sqlite_and_is_limited_by_nothing(tmp_path: Path, settings: Settings) -> None:
    gateway = configured(tmp_path, settings, "tb_gateway")
    assert gateway["storage"]["type"] == "sqlite"
    assert gateway["storage"]["writing_batch_size"] == settings.records
    assert not [name for name in gateway["thingsboard"] if "imits" in name]


def test_a_kept_session_lets_it_have_again_what_it_did_not_acknowledge(tmp_path: Path) -> None:
    broker = configured(tmp_path, BEST, "mqtt")["broker"]
    assert not broker["cleanStart"]
    assert broker["sessionExpiryInterval"] > 0


def test_every_way_out_is_closed_to_it(tmp_path: Path) -> None:
    words = thingsboard.command(tmp_path)
    assert {"PIP_NO_INDEX=1", "HTTPS_PROXY=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9"} <= set(words)


def test_the_lock_pins_the_version_that_is_compared() -> None:
    lock = Path(thingsboard.__file__).parents[3] / "requirements" / "thingsboard.txt"
    assert f"\nthingsboard-gateway=={thingsboard.VERSION} " in lock.read_text(encoding="utf-8")

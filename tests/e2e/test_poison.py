"""A gateway that is let in publishes poison: it meets its fate, and nobody else feels anything."""

from pathlib import Path

import pytest

from hil.campaigns.poison import run

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]


async def test_poison_of_every_kind_is_refused_while_six_devices_stream(tmp_path: Path) -> None:
    verdict = await run(tmp_path / "ward", 4, 3, print)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == 3

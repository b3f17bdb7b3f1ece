"""The broker and all it kept are gone, and an empty one takes its place: everything arrives nevertheless."""

from pathlib import Path

import pytest

from hil.campaigns.broker_replaced import run

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]


async def test_an_empty_broker_in_the_place_of_the_old_one_gets_everything(tmp_path: Path) -> None:
    verdict = await run(tmp_path / "ward", 3, 3, print)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == 3

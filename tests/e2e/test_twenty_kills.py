"""Six beds stream while gateway, controller and broker are killed: the ledger stays clean."""

from pathlib import Path

import pytest

from hil.campaigns.kills import run

ROUNDS, SEED = 20, 20
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo"), pytest.mark.timeout(600)]


async def test_twenty_kills_while_six_beds_stream_lose_double_and_invent_nothing(tmp_path: Path) -> None:
    verdict = await run(tmp_path / "ward", SEED, ROUNDS, print)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == ROUNDS

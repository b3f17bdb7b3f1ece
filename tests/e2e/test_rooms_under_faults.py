"""Pages that see each other, whose controller is killed, and who come and go."""

from pathlib import Path

import pytest

from hil.campaigns.rooms import run

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo"), pytest.mark.timeout(400)]


async def test_everybody_sees_everybody_again_after_a_join_a_kill_and_a_narrow_way(
    tmp_path: Path,
) -> None:
    verdict = await run(tmp_path, 1, 3, print, kinds=("join", "controller", "narrow"))
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == 3

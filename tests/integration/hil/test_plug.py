"""A plug is pulled by writing a word into a file, as a person does it in a shell."""

import asyncio
import stat
import subprocess
from pathlib import Path

from hil.sims.plug import Order, Plug


async def test_words_of_a_shell_are_orders(tmp_path: Path) -> None:
    path, orders = tmp_path / "plugs" / "ox-1", asyncio.Queue[Order]()
    with Plug(path, orders.put_nowait, print):
        for word in Order:
            await asyncio.to_thread(subprocess.run, f"echo {word} > {path}", shell=True, check=True)
            assert await asyncio.wait_for(orders.get(), 10) == word


async def test_an_unknown_word_is_refused_with_the_words_that_there_are(tmp_path: Path) -> None:
    orders, refusals = asyncio.Queue[Order](), asyncio.Queue[str]()
    with Plug(tmp_path / "ox-1", orders.put_nowait, refusals.put_nowait):
        (tmp_path / "ox-1").write_text("explode\non\n")
        refusal = await asyncio.wait_for(refusals.get(), 10)
        assert await asyncio.wait_for(orders.get(), 10) == Order.ON
    assert "'explode' is no order; there are: off, on, sensor-off, sensor-on, garbage" in refusal


async def test_a_plug_left_over_by_a_killed_simulator_is_replaced_and_removed_at_the_end(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ox-1"
    path.write_text("left over")
    with Plug(path, print, print):
        assert stat.S_ISFIFO(path.stat().st_mode)
    assert not path.exists()

"""Memory that has a bound and an end passes; what exceeds it, or goes on growing, is named."""

import asyncio
import subprocess
import sys

from hil.faults.resident import Held, resident

MB = 1_000_000


def held(*sizes: int) -> Held:
    return Held({"controller": [size * MB for size in sizes]})


def problems(sizes: list[int], most: int) -> list[str]:
    return list(held(*sizes).problems({"controller": most * MB}))


def test_growth_that_ends_within_its_bound_is_none() -> None:
    sizes = [80, 90, 100, 120, 130, 130, 131, 130, 130]
    assert problems(sizes, 64) == []
    assert list(held(*sizes).growing()) == []


def test_more_than_the_bound_is_told_even_if_it_was_given_back() -> None:
    assert problems([80, 80, 80, 150, 80, 80, 80, 80, 80], 64) == [
        "controller grew by 70.0 MB, 64.0 MB are allowed"
    ]


def test_growth_without_an_end_is_told() -> None:
    assert list(held(*range(80, 170, 10)).growing()) == [
        "controller still grows: 100.0 MB, 130.0 MB, 160.0 MB in the thirds of the time"
    ]


def test_of_a_few_looks_nothing_is_said() -> None:
    assert list(held(80, 100, 120).growing()) == []


async def test_it_looks_at_real_processes_and_passes_over_those_that_are_gone() -> None:
    """A process of its own grows: a long test run has freed memory from which 40 MB come without growth."""
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    grows = f"import sys; input(); ballast = b'x' * {40 * MB}; print('held', flush=True); input()"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", grows, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin
    assert child.stdout
    async with resident({"child": child.pid, "gone": gone.pid}) as seen:
        child.stdin.write(b"grow\n")
        assert await child.stdout.readline() == b"held\n"
    await child.communicate(b"end\n")
    assert seen.growth("child") >= 39 * MB
    assert "gone" not in seen.sizes

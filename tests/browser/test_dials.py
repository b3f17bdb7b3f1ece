"""The bench as an engineer uses it: dials are turned on its page, and the whole real ward reacts.

Controller, broker, radio, devices on wires and gateway are processes, as `wardlink hil bench` starts them.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from hil.dials.turns import TimedTurn, read_log
from tests.browser.conftest import log_in
from tests.support.accessible import violations

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
STARTS_S, STALE_S = 60, 10


@dataclass(slots=True)
class Bench:
    """A running one."""

    page: str
    board: str
    password: str
    log: Path
    process: "Process"


class Process:
    """`wardlink hil bench`, and what it prints."""

    def __init__(self, data: Path, *options: str) -> None:
        argv = [sys.executable, "-u", "-m", "hil.dials.cli", "--data", str(data), "--port", "0", *options]
        self._output = data.with_suffix(".txt")
        with self._output.open("w") as output:
            self._process = subprocess.Popen(
                argv, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, "COLUMNS": "300"}
            )

    async def says(self, name: str) -> str:
        """What stands behind `name` in its welcome."""
        for _ in range(STARTS_S * 10):
            if found := re.search(rf"{name}: +(.+?)(?:  +\(|$)", self.text, re.MULTILINE):
                return found[1]
            assert self._process.poll() is None, self.text
            await asyncio.sleep(0.1)
        raise AssertionError(f"no {name} within {STARTS_S} s:\n{self.text}")

    @property
    def text(self) -> str:
        return self._output.read_text()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ends(self) -> int:
        return await asyncio.to_thread(self._process.wait, STARTS_S)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    process = Process(tmp_path_factory.mktemp("bench") / "data")
    try:
        board, user = await process.says("The ward board"), await process.says("User and password")
        log = Path(await process.says("What is turned"))
        yield Bench(await process.says("The bench"), board, user.split()[1], log, process)
    finally:
        process.signal(signal.SIGINT)
        assert await process.ends() == 0, process.text


@pytest_asyncio.fixture(loop_scope="module")
async def page(bench: Bench, browser: Browser) -> AsyncIterator[Page]:
    """The bench, with values; a fault of the page, or a policy broken, fails the test."""
    faults: list[str] = []
    context = await browser.new_context(locale="en", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Policy" in said.text else None)
    await page.goto(bench.page)
    await expect(shown(page, "ox-1", "spo2")).to_have_attribute("data-state", "current")
    yield page
    await context.close()
    assert faults == []


def row(page: Page, device: str, metric: str) -> Locator:
    return page.locator(f"tr[data-device={device}][data-metric={metric}]")


def shown(page: Page, device: str, metric: str) -> Locator:
    """What the ward board shows of it."""
    return row(page, device, metric).locator("td").nth(2)


def alarms(page: Page, bed: str, where: str) -> Locator:
    """The list at the gateway, or on the ward board."""
    return page.locator(f"[data-bed={bed}]").get_by_role("list").nth(("gateway", "board").index(where))


async def turn(page: Page, bed: str, name: str, value: str) -> None:
    number = page.locator(f"[data-bed={bed}]").get_by_label(f"{name} as a number").first
    await number.fill(value)
    await number.press("Enter")


async def let_go(page: Page, bed: str, name: str) -> None:
    await page.locator(f"[data-bed={bed}]").get_by_role("button", name=f"Let go of {name}").first.click()


async def test_saturation_that_is_turned_down_is_seen_at_device_gateway_and_board_and_alarms(
    page: Page,
) -> None:
    await turn(page, "bed-1", "SpO₂", "75")
    for column in range(3):
        number = row(page, "ox-1", "spo2").locator("td").nth(column).locator(".number")
        await expect(number).to_have_text("75")
    for where in ("gateway", "board"):
        await expect(alarms(page, "bed-1", where)).to_contain_text("HIGH · SpO₂ very low · ox-1")
    turned = page.locator("#turns tbody tr").filter(has_text="bed-1: SpO₂ 75")
    await expect(turned).to_contain_text(re.compile(r"\d+\.\d\d s.*\d+\.\d\d s · SpO₂ very low"))
    delays = page.locator("#delays tbody tr").filter(has_text="SpO₂")
    await expect(delays.locator("td").nth(2)).to_have_text(re.compile(r"^\d+\.\d\d$"))
    await let_go(page, "bed-1", "SpO₂")
    await expect(row(page, "ox-1", "spo2").locator("td .number").first).not_to_have_text("75")


async def test_a_dial_beyond_its_range_is_refused_and_nothing_is_turned(page: Page, bench: Bench) -> None:
    before = read_log(bench.log)
    await turn(page, "bed-1", "Heart rate", "300")
    problem = page.locator("[data-bed=bed-1] [data-dial=heart_rate] [role=alert]")
    await expect(problem).to_have_text("heart_rate: expected 20 to 250 /min, got 300")
    await expect(page.locator("#bed-1-heart_rate-number")).to_have_value("")
    assert read_log(bench.log) == before


async def test_behind_a_cut_cable_no_number_is_ever_shown_as_fresh_and_the_alarm_comes(
    page: Page, bench: Bench
) -> None:
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Ward board").click()
    board = await opened.value
    await board.wait_for_load_state()
    await log_in(board, bench.password)
    on_board = board.locator(".tile").filter(has_text="Bed 3").locator("[data-vital=spo2]")
    await expect(on_board).to_have_attribute("data-state", "current")
    await page.check("#ox-3-cut")
    for where in ("gateway", "board"):
        await expect(alarms(page, "bed-3", where)).to_contain_text("MEDIUM · Device lost · ox-3")
    cell, cut_s = shown(page, "ox-3", "spo2"), asyncio.get_running_loop().time()
    while await cell.get_attribute("data-state") != "stale":
        age = re.search(r"(\d+) s", await cell.inner_text())
        assert age
        assert int(age[1]) <= STALE_S
        assert asyncio.get_running_loop().time() - cut_s < STARTS_S
        await asyncio.sleep(0.3)
    await expect(cell.locator(".number")).to_have_text("– –")
    await expect(on_board).to_have_attribute("data-state", "stale")
    await expect(on_board.locator(".number")).to_have_text("– –")
    await page.uncheck("#ox-3-cut")
    await expect(cell).to_have_attribute("data-state", "current")
    await expect(on_board).to_have_attribute("data-state", "current")
    await board.close()


async def test_a_heart_that_stands_still_raises_asystole_from_the_waveform(page: Page) -> None:
    await page.select_option("#bed-2-rhythm", "standstill")
    for where in ("gateway", "board"):
        await expect(alarms(page, "bed-2", where)).to_contain_text("HIGH · Asystole · monitor-2")
    await turn(page, "bed-2", "SpO₂", "90")
    await expect(page.locator("#bed-2-heart_rate-number")).to_be_disabled()
    await page.select_option("#bed-2-rhythm", "own")
    await expect(page.locator("#bed-2-heart_rate-number")).to_be_enabled()


async def test_a_drained_battery_and_a_device_out_of_reach_are_shown(page: Page) -> None:
    device = page.locator("fieldset[data-device=cuff-1]")
    await device.get_by_label("Battery as a number").fill("4")
    await device.get_by_label("Battery as a number").press("Enter")
    await expect(device.locator(".link")).to_contain_text(re.compile(r"battery 4 %, told \d s ago"))
    await expect(alarms(page, "bed-1", "board")).to_contain_text(
        "HIGH · Device battery nearly empty · cuff-1"
    )
    await page.check("#temp-1-away")
    away = page.locator("fieldset[data-device=temp-1] .link")
    await expect(away).to_contain_text("not connected")
    await expect(alarms(page, "bed-1", "board")).to_contain_text("Device lost · temp-1")
    await page.uncheck("#temp-1-away")
    await expect(away).not_to_contain_text("not connected")


async def test_axe_finds_nothing_light_or_dark_and_nothing_is_wider_than_a_tablet(page: Page) -> None:
    await page.locator("details summary").first.click()
    found = await violations(page)
    assert found == []
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 820, "height": 1180})
    found = await violations(page)
    assert found == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_speaks_chinese(page: Page) -> None:
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", name="模拟试验台")).to_be_visible()
    await expect(page.get_by_label("电缆切断").first).to_be_visible()


async def test_a_bench_that_stops_is_said_and_its_values_get_older(page: Page, bench: Bench) -> None:
    lost = page.locator("#lost")
    bench.process.signal(signal.SIGSTOP)
    try:
        await expect(lost).to_contain_text(re.compile(r"THE BENCH DOES NOT ANSWER · .* [3-9] s old or older"))
        await expect(row(page, "ox-1", "spo2").locator("td .age").first).to_have_text(
            re.compile("[3-9] s ago")
        )
    finally:
        bench.process.signal(signal.SIGCONT)
    await expect(lost).to_be_hidden()


@pytest.mark.long
async def test_a_log_that_is_replayed_turns_the_same_dials(tmp_path: Path) -> None:
    (log := tmp_path / "log.jsonl").write_text(
        "".join(
            one.model_dump_json() + "\n"
            for one in (
                TimedTurn(bed="bed-1", dial="spo2", value=81, t=0.2),
                TimedTurn(bed="bed-1", device="ox-1", dial="cut", value=True, t=0.5),
                TimedTurn(bed="bed-1", dial="spo2", value=None, t=0.9),
            )
        )
    )
    process = Process(tmp_path / "data", "--beds", "1", "--replay", str(log), "--headless", "--seconds", "2")
    replayed = Path(await process.says("What is turned"))
    assert await process.ends() == 0, process.text
    told, expected = read_log(replayed), read_log(log)
    assert [one.turn for one in told] == [one.turn for one in expected]
    assert all(one.t >= was.t for one, was in zip(told, expected, strict=True))

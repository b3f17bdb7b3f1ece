"""The crew's page of a whole gateway: a process with a device at its port, and nobody to send to."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import begin_shift
from tests.integration.gateway.rig import ROOT, GatewayProcess, Ox, write_config
from tests.support.broker_process import BrokerProcess, free_port
from tests.support.crew_page import NAME, PIN
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def ox() -> Iterator[Ox]:
    with Ox() as started:
        yield started


@pytest.fixture
def config(tmp_path: Path, ox: Ox, port: int) -> Path:
    """Of a vehicle whose hospital cannot be reached, with one person in its crew."""
    crew = f'[crew]\nvehicle = "bed-1"\naddress = "127.0.0.1:{port}"\n'
    silent = BrokerProcess(tmp_path / "broker", "ward-a")
    path = write_config(tmp_path, silent.url, ox.port, identity=silent.identity("ward-a"), extra=crew)
    command = [sys.executable, "-m", "wardlink", "gateway", "crew-add", str(path), NAME, "--pin-stdin"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, input=f"{PIN}\n", text=True, check=True, capture_output=True, env=env, cwd=ROOT)
    return path


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def on_shift(browser: Browser, port: int) -> Page:
    page = await (await browser.new_context(locale="en")).new_page()
    await until(lambda: answers(port), "the page is served")
    await page.goto(f"http://127.0.0.1:{port}/")
    await begin_shift(page)
    return page


def in_journal(config: Path, text: bytes) -> bool:
    """Whether it stands in a file of the journal."""
    files = (config.parent / "gateway-data" / "journal").rglob("*")
    return any(text in path.read_bytes() for path in files if path.is_file())


async def test_without_a_network_values_alarm_and_marks_are_there_and_outlive_kill_9(
    browser: Browser, config: Path, ox: Ox, port: int
) -> None:
    with GatewayProcess(config) as gateway:
        page = await on_shift(browser, port)
        await expect(page.locator(".cell.spo2 .number")).to_have_text("97", timeout=15_000)
        await expect(page.locator(".lane.pleth")).to_have_attribute("data-state", "live")
        ox.spo2 = 70
        await page.click("#marks [data-mark=intubation]")
        await expect(page.locator("#said")).to_contain_text("Intubation")
        assert in_journal(config, b"intubation")
        await expect(page.locator(".alarm", has_text="SpO₂").first).to_be_visible(timeout=20_000)
        await expect(page.locator("body")).to_have_attribute("data-sounded", "high", timeout=20_000)
        kept = config.parent / "gateway-data" / "alarms.json"
        await until(lambda: kept.exists() and b"desaturation" in kept.read_bytes(), "it outlives the box")
        very_low = page.locator(".alarm", has_text="SpO₂ very low").first  # another may stand above it
        number = await very_low.get_attribute("data-number")
        gateway.end(signal.SIGKILL)
        await expect(page.locator(".lost")).to_contain_text("NOT live")
        gateway.start()
        await expect(page.locator(".lost")).to_be_hidden(timeout=20_000)
        await expect(page.locator("#login")).to_be_hidden()
        await expect(page.locator(f".alarm[data-number='{number}']")).to_contain_text("SpO₂ very low")
        await page.click("#marks [data-sheet=marks]")
        await expect(page.locator(".entries li")).to_contain_text("Intubation")
        await page.context.close()


async def test_a_device_that_is_unplugged_leaves_no_number_behind(
    browser: Browser, config: Path, ox: Ox, port: int
) -> None:
    with GatewayProcess(config):
        page = await on_shift(browser, port)
        await expect(page.locator(".cell.spo2 .number")).to_have_text("97", timeout=15_000)
        ox.silent = True
        await expect(page.locator(".cell.spo2 .number")).to_have_text("– –", timeout=20_000)
        await expect(page.locator(".cell.spo2 .last")).to_have_text("last 97")
        await page.context.close()

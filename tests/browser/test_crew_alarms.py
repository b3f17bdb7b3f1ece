"""Alarms on the crew's page: colours, words, the sound patterns of IEC 60601-1-8, acknowledging, pausing."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Page, expect

from devices.model.observation import Alert, Priority
from tests.browser.conftest import OpenPage
from tests.support.crew_page import NAME, CrewBox
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

RENDERED = """async (priority) => {
  const { schedule, burstLength } = await import("/sound.js");
  const rate = 16000;
  const context = new OfflineAudioContext(1, Math.ceil((burstLength(priority) + 0.5) * rate), rate);
  schedule(context, priority, 0.1);
  const samples = (await context.startRendering()).getChannelData(0);
  const pulses = [];
  for (let i = 0, quiet = Infinity; i < samples.length; i++) {
    if (Math.abs(samples[i]) < 0.05) { quiet++; continue; }
    if (quiet > rate * 0.02) pulses.push({ from: i / rate });
    Object.assign(pulses.at(-1), { to: i / rate });
    quiet = 0;
  }
  const first = samples.slice((pulses[0].from + 0.04) * rate, (pulses[0].from + 0.04) * rate + 1600);
  const strength = (hertz) => {
    let [real, imaginary] = [0, 0];
    first.forEach((sample, i) => {
      real += sample * Math.cos(2 * Math.PI * hertz * i / rate);
      imaginary += sample * Math.sin(2 * Math.PI * hertz * i / rate);
    });
    return 20 * Math.log10(Math.hypot(real, imaginary));
  };
  const multiples = [1, 2, 3, 4, 5, 6].map((n) => ({ hertz: 523 * n, db: strength(523 * n) }));
  return { pulses, multiples };
}"""
FLASHES = "node => 1 / parseFloat(getComputedStyle(node).animationDuration)"


async def heard(page: Page, priority: str) -> None:
    await expect(page.locator("body")).to_have_attribute("data-sounded", priority)


async def silent(page: Page) -> None:
    await expect(page.locator("body:not([data-sounded])")).to_be_attached()


async def rendered(page: Page, priority: str) -> tuple[list[float], list[float], list[dict[str, float]]]:
    """Durations of the pulses that are heard, the gaps between them, and the strengths of the multiples."""
    heard: dict[str, Any] = await page.evaluate(RENDERED, priority)
    pulses = heard["pulses"]
    gaps = [after["from"] - before["to"] for before, after in pairwise(pulses)]
    return [one["to"] - one["from"] for one in pulses], gaps, heard["multiples"]


def within(values: list[float], low: float, high: float) -> bool:
    """To 10 ms: where a pulse begins to be heard is a matter of the threshold."""
    return all(low - 0.01 <= value <= high + 0.01 for value in values)


async def test_a_high_priority_burst_is_ten_pulses_three_and_two_twice_rich_in_harmonics(
    open_crew: OpenPage,
) -> None:
    durations, gaps, multiples = await rendered(await open_crew(stranger=True), "high")
    assert len(durations) == 10
    assert within(durations, 0.075, 0.2)
    x = gaps[0]
    assert within([gaps[i] for i in (0, 1, 3, 5, 6, 8)], 0.05, 0.125)
    assert within([gaps[i] for i in (2, 7)], 2 * x + durations[0] - 0.02, 2 * x + durations[0] + 0.02)
    assert within([gaps[4]], 0.35, 1.3)
    fundamental, *others = multiples
    assert 150 <= fundamental["hertz"] <= 1000
    alike = [
        one for one in others if 300 <= one["hertz"] <= 4000 and abs(one["db"] - fundamental["db"]) <= 15
    ]
    assert len(alike) >= 4


async def test_bursts_of_less_urgency_are_slower_shorter_and_come_less_often(open_crew: OpenPage) -> None:
    page = await open_crew(stranger=True)
    for priority, count in (("medium", 3), ("low", 2)):
        durations, gaps, _ = await rendered(page, priority)
        assert len(durations) == count
        assert within(durations, 0.125, 0.25)
        assert within(gaps, 0.125, 0.25)
    script = "async () => (await import('/sound.js')).PATTERNS"
    rests = {name: one["rest"] for name, one in (await page.evaluate(script)).items()}
    assert 2.5 <= rests["high"] <= 15
    assert 2.5 <= rests["medium"] <= 30
    assert rests["low"] > 15


async def test_an_alarm_stands_in_its_colour_and_words_and_sounds(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    await expect(page.locator(".no-alarm")).to_be_visible()
    box.alarm("hr-high", 8, Priority.MEDIUM, value="124", limit="120")
    await heard(page, "medium")
    box.alarm("spo2-desaturation", 7, Priority.HIGH)
    await heard(page, "high")
    alarms = page.locator(".alarm")
    await expect(alarms.first).to_contain_text("HIGH · SpO₂ very low · 78 (limit 80)")
    await expect(alarms.nth(1)).to_contain_text("MEDIUM · Heart rate high")
    lamps = [await alarms.nth(i).locator(".lamp").evaluate(FLASHES) for i in (0, 1)]
    assert 1.4 <= lamps[0] <= 2.8
    assert 0.4 <= lamps[1] <= 0.8


async def test_one_touch_acknowledges_an_alarm_and_silences_it(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    box.alarm("spo2-desaturation", 7, Priority.HIGH)
    await heard(page, "high")
    await page.click(".alarm")
    await until(lambda: box.acknowledged, "the box was told")
    assert box.acknowledged[0] == {"alarm": 7, "by": NAME, "crew": 1}
    box.alarm("spo2-desaturation", 7, Priority.HIGH, seen=1, by="kim", crew=1)
    await silent(page)
    await expect(page.locator(".alarm-state")).to_have_text("seen by kim")
    box.alarm("spo2-desaturation", 7, Priority.HIGH, seen=1, by="Dr Li")
    await expect(page.locator(".alarm-state")).to_have_text("seen by Dr Li (hospital)")
    await expect(page.locator(".alarm")).to_be_visible()


async def test_a_technical_alarm_is_silenced_on_this_screen_until_it_comes_anew(
    box: CrewBox, open_crew: OpenPage
) -> None:
    def lost(*, active: bool) -> None:
        box.hears(Alert("device-lost", box.now(), Priority.MEDIUM, active, {}))

    page = await open_crew()
    lost(active=True)
    await heard(page, "medium")
    await page.click(".alarm")
    await silent(page)
    lost(active=False)
    await expect(page.locator(".alarm")).to_have_count(0)
    lost(active=True)
    await heard(page, "medium")


async def test_a_pause_counts_down_under_a_crossed_bell_and_a_new_alarm_ends_it(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    box.alarm("hr-high", 8, Priority.MEDIUM)
    await heard(page, "medium")
    await page.click("#pause")
    await silent(page)
    await expect(page.locator("#pause .cross")).to_be_visible()
    await expect(page.locator("#pause")).to_contain_text("Sound off 2:00")
    await expect(page.locator("#pause")).to_contain_text("1:58")
    await expect(page.locator(".alarm")).to_be_visible()
    box.alarm("spo2-desaturation", 9, Priority.HIGH)
    await heard(page, "high")
    await expect(page.locator("#pause .cross")).to_be_hidden()


async def test_the_page_says_that_it_may_not_sound_before_the_first_touch(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    box.alarm("spo2-desaturation", 7, Priority.HIGH)
    await heard(page, "high")
    await page.reload()
    await expect(page.locator(".alarm")).to_be_visible()
    await expect(page.locator("#mute")).to_contain_text("touch the screen")
    await page.mouse.click(640, 100)
    await heard(page, "high")
    await expect(page.locator("#mute")).to_be_hidden()

"""What the crew reads of what the hospital sees now, and of what follows later."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from devices.model.observation import Waveform, later
from devices.wire.live import status
from devices.wire.messages import LaneNow
from tests.browser.conftest import OpenPage
from tests.support.crew_page import CrewBox

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW, LONG_AGO_S = LaneNow(200_000, 0, 0), 180
ECG_FIRST = (("monitor-1", "ecg_ii"),)
Lane = tuple[LaneNow, int, int | None]
"""What it says of itself, how many blocks wait, and how old the oldest is, seconds."""
FINE: Lane = NOW, 0, None


def behind(seconds: int | None = None, *, live: bool = True) -> Lane:
    """A lane with a backlog of three minutes, there in so many seconds."""
    return LaneNow(200_000 if live else LONG_AGO_S * 1_000_000, 70, seconds), 72, LONG_AGO_S


def stands(box: CrewBox, *lanes: Lane, first: tuple[tuple[str, str], ...] = ()) -> None:
    """The uplink, as the gateway tells it of alert, vital, wave and bulk."""
    states, pending, oldest_s = zip(*lanes, strict=True)
    oldest_us = [None if one is None else one * 1_000_000 for one in oldest_s]
    told: dict[str, Any] = status(pending, oldest_us, states, first)
    oldest_ms = max((one // 1000 for one in oldest_us if one is not None), default=None)
    box.uplink.update(online=True, pending_blocks=sum(pending), oldest_ms=oldest_ms, **told)


def waves(box: CrewBox, *metrics: str) -> None:
    """A quarter of a second of each."""
    for metric in metrics:
        box.hears(Waveform(metric, later(box.now(), -0.25), 100_000, bytes(50)))


async def reads(page: Page, live: str, follows: str) -> None:
    await expect(page.locator("#uplink .live")).to_have_text(live)
    await expect(page.locator("#uplink .follows")).to_have_text(follows)


async def test_over_a_narrow_link_it_is_said_which_waveform_is_live_and_which_follow(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    waves(box, "ecg_ii", "pleth")
    stands(box, FINE, FINE, behind(300), FINE, first=ECG_FIRST)
    await reads(
        page,
        "Hospital sees live: alarms, values, ECG II",
        "Pleth 3 min behind, there in about 5 min",
    )
    waves(box, "co2_wave", "ecg_i")
    stands(box, FINE, FINE, behind(), FINE, first=ECG_FIRST)
    await reads(
        page, "Hospital sees live: alarms, values, ECG II", "other waveforms 3 min behind, will follow"
    )


async def test_what_does_not_arrive_as_it_is_measured_is_not_called_live(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    waves(box, "ecg_ii", "pleth")
    stands(box, FINE, FINE, behind(live=False), FINE)
    await reads(page, "Hospital sees live: alarms, values", "waveforms 3 min behind, will follow")
    stands(box, behind(live=False), behind(live=False), behind(live=False), FINE)
    await expect(page.locator("#uplink .live")).to_have_text("Hospital does not see you live")
    await expect(page.locator("#uplink")).to_have_attribute("data-state", "behind")


async def test_after_a_tunnel_it_is_live_and_says_from_when_something_is_missing(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew(locale="zh-CN")
    waves(box, "ecg_ii", "pleth")
    stands(box, FINE, behind(), behind(), FINE)
    await reads(page, "医院实时可见：报警、数值、波形", "最近 3 分钟的数值、波形待补传")
    stands(box, FINE, FINE, FINE, FINE)
    await reads(page, "医院正在实时查看", "")
    await expect(page.locator("#uplink")).to_have_attribute("data-state", "live")

"""The crew's tablet of the excerpt, at the page that the box really serves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.model.observation import Priority
from hil.ambulance.page import CrewPage
from hil.errors import NotReady
from tests.support.crew_page import MONITOR, NAME, PIN, CrewBox, serving
from tests.support.waiting import until


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[CrewBox]:
    """A box with a monitor on board."""
    async with serving(tmp_path) as served:
        yield served


@pytest.fixture
async def page(box: CrewBox) -> AsyncIterator[CrewPage]:
    """Its page, open."""
    async with CrewPage(box.address, NAME, PIN) as page:
        await page.log_in()
        await until(lambda: page.snapshots, "the page is open")
        yield page


async def test_a_wrong_pin_is_refused(box: CrewBox) -> None:
    async with CrewPage(box.address, NAME, "926403") as page:
        with pytest.raises(NotReady, match="401"):
            await page.log_in()


async def test_it_shows_the_newest_value_and_whoever_is_on_board(box: CrewBox, page: CrewPage) -> None:
    case = await page.tell("patient", {"action": "begin", "sex": "male", "age": 60})
    box.says("spo2", 97)
    box.says("spo2", 93)
    await until(lambda: page.value(MONITOR, "spo2") == 93, "the newest is shown")
    assert page.devices == {MONITOR}
    assert page.case["stay"] == case["stay"]


async def test_a_mark_is_in_the_journal_when_it_is_answered(box: CrewBox, page: CrewPage) -> None:
    await page.tell("patient", {"action": "begin"})
    case = await page.tell("mark", {"code": "note", "text": "tunnel"})
    assert [mark["text"] for mark in case["marks"]] == ["tunnel"]
    assert box.journal[-1].detail["text"] == "tunnel"


async def test_an_alarm_is_shown_since_it_began_until_it_is_over(box: CrewBox, page: CrewPage) -> None:
    code = "spo2-desaturation"
    assert page.alarm(MONITOR, code) is None
    box.alarm(code, 7, Priority.HIGH)
    await until(lambda: page.alarm(MONITOR, code), "it is shown")
    began = page.first_shown["7"]
    await page.see(7)
    assert [one["alarm"] for one in box.acknowledged] == [7]
    box.alarm(code, 7, Priority.HIGH, over=1)
    await until(lambda: page.alarm(MONITOR, code) is None, "it is over, and still to be seen")
    assert [one["id"] for one in page.alarms_of(MONITOR)] == ["7"]
    box.alarm(code, 7, Priority.HIGH, active=False)
    await until(lambda: not page.alarms_of(MONITOR), "it is gone")
    assert page.first_shown == {"7": began}


async def test_the_trend_has_what_was_measured(box: CrewBox, page: CrewPage) -> None:
    box.says("hr", 60)
    box.says("hr", 80)
    steps = await page.trend("hr")
    assert sorted(steps.values())[0][0] == 60
    assert max(high for _, high, _ in steps.values()) == 80

"""A prescription completes by itself when its days are over."""

from dataclasses import replace

from controller.imaging.sight import WHOLE
from controller.prescriptions.delivery import Over
from controller.prescriptions.endings import Completing
from controller.prescriptions.model import Prescription
from tests.support.prescriptions import NICK, WANTED, Pharmacy

FIVE_DAYS = replace(WANTED, days=5)


def endings(here: Pharmacy, told: list[Prescription]) -> Completing:
    return Completing(here.rx.books, told.append)


async def test_a_prescription_completes_by_itself_when_its_days_are_over(here: Pharmacy) -> None:
    rx, told = await here.signed(FIVE_DAYS), list[Prescription]()
    without_end, later = await here.signed(WANTED), await here.signed(replace(WANTED, days=9))
    here.later(5 * 24 - 1)
    assert await endings(here, told).look() == []
    here.later(1)
    assert await endings(here, told).look() == [rx.number]
    assert [one.number for one in told] == [rx.number]
    states = [(await here.find(one)).state for one in (rx, without_end, later)]
    assert states == ["completed", "active", "active"]
    [line] = [one for one in await here.trail("prescription-changed") if one["actor"] == "controller"]
    assert (line["why"], line["detail"]["state"]) == ("its days are over", "completed")
    assert rx.number not in {of.number for _, of in await here.rx.tasks.queue(WHOLE)}


async def test_what_is_under_way_keeps_it_open_and_after_a_restart_it_completes(here: Pharmacy) -> None:
    rx = await here.signed(FIVE_DAYS)
    _, made = await here.handed_out(rx)
    here.later(6 * 24)
    assert await endings(here, []).look() == []
    await here.rx.deliveries.receive(Over(made.number, 1, WHOLE), "", "ward", NICK)
    assert await endings(here, []).look() == [rx.number]
    assert await endings(here, []).look() == []

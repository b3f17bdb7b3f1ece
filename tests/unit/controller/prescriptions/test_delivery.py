"""How it comes to the patient, and who had it on the way."""

import asyncio

import pytest

from controller.errors import Conflict, NotFound, NotProved, OrderError, StoreError
from controller.imaging.sight import WHOLE
from controller.prescriptions.codes import MOST_TRIES
from controller.prescriptions.custody import Hand, chain
from controller.prescriptions.delivery import Begun, Over
from controller.prescriptions.model import Known
from controller.prescriptions.states import DeliveryState, RxState
from controller.security.badges import Shown
from controller.security.permissions import Role
from tests.support.prescriptions import ANNA, NICK, NINA, PIA, WANTED, Pharmacy, why


async def begun(here: Pharmacy, delivery: str) -> Begun:
    return (await here.handed_out(await here.signed(WANTED, delivery=delivery)))[1]


def over(number: str, revision: int = 1) -> Over:
    return Over(number, revision, WHOLE)


async def test_a_robot_opens_its_drawer_for_the_nurse_whom_it_knows_and_for_no_other_drawer(
    here: Pharmacy,
) -> None:
    made, parts = await begun(here, "ward"), here.rx.deliveries
    nina, nick = await here.enrol("nina"), await here.enrol("nick")
    with pytest.raises(OrderError, match="drawer"):
        await parts.hand(over(made.number), Hand("robot:R1", "robot R1"), PIA)
    with pytest.raises(Conflict, match="not in drawer"):
        await parts.open(made.number, "2", nina, "robot:R1")
    await parts.hand(over(made.number), Hand("robot:R1", "robot R1", "S-17", "2"), PIA)
    [(link, inside, _)] = await parts.inside("R1", WHOLE)
    assert (link.drawer, inside.number, await parts.inside("R2", WHOLE)) == ("2", made.number, [])
    with pytest.raises(Conflict, match="not in drawer '3'"):
        await parts.open(made.number, "3", nina, "robot:R1")
    opened = await parts.open(made.number, "2", nina, "robot:R1")
    assert opened[:3] == (made.number, "2", "nina")
    links = await chain(here.rx.books, 1)
    assert [(one.holder, one.spot, one.seal, one.verified) for one in links] == [
        ("pia", "pharmacy", "", "login"),
        ("robot:R1", "robot R1", "S-17", "login"),
        ("nina", "robot R1", "S-17", "badge"),
    ]
    [line] = await here.trail("drawer-opened")
    assert (line["actor"], line["detail"]["verified"], line["where"]) == ("nina", "badge", "robot:R1")
    with pytest.raises(Conflict, match="possible now is entered-in-error"):
        await parts.open(made.number, "2", nick, "robot:R1")


async def test_a_drawer_stays_shut_for_a_badge_of_nobody_of_another_ward_or_who_may_not_receive(
    here: Pharmacy,
) -> None:
    made, parts = await begun(here, "ward"), here.rx.deliveries
    await parts.hand(over(made.number), Hand("robot:R1", "robot R1", "S-17", "2"), PIA)
    await here.registry.add_ward("w-2", "Ward 2")
    far, anna = await here.enrol("far", wards=["w-2"]), await here.enrol("anna", Role.PHYSICIAN)
    with pytest.raises(NotProved, match="is nobody's"):
        await parts.open(made.number, "2", Shown(badge="found on the floor"), "robot:R1")
    with pytest.raises(NotFound, match="no delivery"):
        await parts.open(made.number, "2", far, "robot:R1")
    with pytest.raises(Conflict, match="permission rx:deliver"):
        await parts.open(made.number, "2", anna, "robot:R1")
    near = await here.enrol("near", wards=["w-1"])
    assert (await parts.open(made.number, "2", near, "robot:R1")).person == "near"


async def test_the_chain_of_custody_only_grows_and_only_who_is_part_of_it_says_so(here: Pharmacy) -> None:
    made, parts = await begun(here, "ward"), here.rx.deliveries
    with pytest.raises(Conflict, match="pia has it"):
        await parts.hand(over(made.number), Hand("nina", "corridor"), NICK)
    with pytest.raises(OrderError, match="says the code"):
        await parts.hand(over(made.number), Hand("patient", "door"), PIA)
    await parts.hand(over(made.number), Hand("nina", "corridor"), NINA)
    with pytest.raises(Conflict, match="another person than who carried it"):
        await parts.receive(over(made.number, 2), "", "ward-a", NINA)
    done = await parts.receive(over(made.number, 2), "", "ward-a", NICK)
    assert done.state == "completed"
    assert len(await here.trail("custody-changed")) == 3
    for what in ("UPDATE rx_custody SET holder = 'x'", "DELETE FROM rx_custody"):
        with pytest.raises(StoreError, match="only grows"):
            await here.store.write(lambda db, what=what: db.execute(what))


async def test_what_goes_home_is_handed_over_for_its_code_alone(here: Pharmacy) -> None:
    made, parts = await begun(here, "home"), here.rx.deliveries
    assert len(made.code) == 6
    assert made.code.isdecimal()
    [row] = await here.store.read("SELECT * FROM rx_delivery")
    assert made.code not in str(tuple(row))
    wrong = "000000" if made.code != "000000" else "000001"
    for _ in range(MOST_TRIES):
        with pytest.raises(Conflict, match="code is wrong"):
            await parts.receive(over(made.number), wrong, "door", NICK)
    with pytest.raises(Conflict, match="make a new one"):
        await parts.receive(over(made.number), made.code, "door", NICK)
    assert len(await here.trail("delivery-code-wrong")) == MOST_TRIES
    renewed, code = await parts.renew(over(made.number), PIA)
    done = await parts.receive(over(made.number, renewed.revision), code, "door", NICK)
    assert done.state == "completed"
    last = (await chain(here.rx.books, 1))[-1]
    assert (last.holder, last.verified) == ("patient", "code")


async def test_of_guesses_at_once_no_more_are_tried_than_may_be(here: Pharmacy) -> None:
    made, parts = await begun(here, "pick-up"), here.rx.deliveries
    wrong = "000000" if made.code != "000000" else "000001"
    guesses = [parts.receive(over(made.number), wrong, "desk", NICK) for _ in range(3 * MOST_TRIES)]
    found = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum("code is wrong" in str(one) for one in found) == MOST_TRIES


async def test_who_picks_up_has_a_number_of_the_day(here: Pharmacy) -> None:
    first = await begun(here, "pick-up")
    rx = await here.signed(WANTED, delivery="pick-up")
    _, second = await here.handed_out(rx, serial="S2")
    assert (first.queue, second.queue) == (1, 2)
    here.later(24)
    rx = await here.signed(WANTED, delivery="pick-up")
    assert (await here.handed_out(rx, serial="S3"))[1].queue == 1


async def test_what_was_withdrawn_on_its_way_is_not_handed_over_and_comes_back(here: Pharmacy) -> None:
    rx = await here.signed(WANTED, delivery="home")
    _, made = await here.handed_out(rx)
    rx = await here.find(rx)
    known = Known(rx.number, rx.revision, WHOLE)
    await here.rx.prescribing.step(known, RxState.STOPPED, why(ANNA, "allergic"))
    parts = here.rx.deliveries
    with pytest.raises(Conflict, match="bring it back"):
        await parts.receive(over(made.number, 2), made.code, "door", NICK)
    with pytest.raises(OrderError, match="say why"):
        await parts.step(over(made.number, 2), DeliveryState.ABANDONED, PIA)
    done = await parts.step(over(made.number, 2), DeliveryState.ABANDONED, why(PIA, "withdrawn"))
    assert done.state == "abandoned"

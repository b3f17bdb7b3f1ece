"""Orders are checked, kept and audited; their state is what their own gateway said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import Conflict, EnrolmentRefused, NotFound, OrderError, Outdated
from controller.identity.certificates import By
from controller.orders import followed
from controller.orders.desk import LIFE_US, LONGEST_LIFE_US, Change, _number
from devices.model.observation import EventKind
from tests.support.database import plan
from tests.unit.controller.orders.conftest import BY, Office

pytestmark = pytest.mark.on_both


async def test_a_command_has_an_id_of_its_own_who_asks_and_an_end(office: Office) -> None:
    first, second = [await office.orders.command("ward-a", "identify", {}, BY) for _ in range(2)]
    assert (len(first.id), first.id == second.id) == (16, False)
    assert (first.gateway, first.issuer) == ("ward-a", "anna")
    assert first.expires_us - first.issued_us == LIFE_US
    assert await office.orders.unanswered() == sorted([first, second], key=lambda one: one.id)


async def test_each_order_is_in_the_audit_trail(office: Office) -> None:
    await office.orders.command("ward-a", "identify", {}, BY)
    await office.orders.configure("ward-a", {"log-level": "debug"}, BY)
    whom = "anna", "gateway/ward-a", "it blinks"
    assert await office.trail() == [("command-issued", *whom), ("configuration-issued", *whom)]


async def test_what_no_gateway_would_take_is_refused_and_not_kept(office: Office) -> None:
    with pytest.raises(OrderError, match="expected one of rebirth, identify"):
        await office.orders.command("ward-a", "explode", {}, BY)
    with pytest.raises(OrderError, match="minutes"):
        await office.orders.command("ward-a", "identify", {}, BY, LONGEST_LIFE_US + 1)
    with pytest.raises(OrderError, match="dscp-alert: expected 0 to 63, got 64"):
        await office.orders.configure("ward-a", {"dscp-alert": 64}, BY)
    assert (await office.orders.commands(), await office.orders.configurations()) == ([], [])
    assert await office.trail() == []


async def test_a_gateway_that_is_not_let_in_gets_no_orders(office: Office) -> None:
    for work in (
        lambda gateway: office.orders.command(gateway, "identify", {}, BY),
        lambda gateway: office.orders.configure(gateway, {}, BY),
    ):
        with pytest.raises(NotFound):
            await work("nobody")
        with pytest.raises(EnrolmentRefused):
            await work("ward-c")


async def test_a_command_is_sent_until_its_gateway_says_what_became_of_it(office: Office) -> None:
    made = await office.orders.command("ward-a", "identify", {}, BY)
    assert [one.state for one in await office.orders.commands()] == ["sent"]
    await office.answer("ward-a", EventKind.COMMAND, id=made.id.hex(), name="identify", outcome="done")
    [held] = await office.orders.commands("ward-a")
    assert (held.order, held.state, held.why) == (made, "done", "")
    assert await office.orders.unanswered() == []
    assert await office.orders.commands("ward-b") == []


async def test_a_refused_one_has_the_reason_and_the_first_answer_counts(office: Office) -> None:
    made = await office.orders.command("ward-a", "identify", {}, BY)
    told = {"id": made.id.hex(), "name": "identify"}
    await office.answer("ward-a", EventKind.COMMAND, **told, outcome="refused", why="too many")
    await office.answer("ward-a", EventKind.COMMAND, **told, outcome="interrupted")
    [held] = await office.orders.commands()
    assert (held.state, held.why) == ("refused", "too many")


async def test_another_gateway_cannot_answer(office: Office) -> None:
    made = await office.orders.command("ward-a", "identify", {}, BY)
    await office.answer("ward-b", EventKind.COMMAND, id=made.id.hex(), name="identify", outcome="done")
    assert [one.state for one in await office.orders.commands()] == ["sent"]
    assert await office.orders.unanswered() == [made]


async def test_one_that_nobody_answered_in_time_has_expired(office: Office) -> None:
    await office.orders.command("ward-a", "identify", {}, BY)
    office.clock.at_us += LIFE_US + 1
    assert [one.state for one in await office.orders.commands()] == ["expired"]
    assert await office.orders.unanswered() == []


async def test_revisions_rise_for_each_gateway_and_never_begin_anew(office: Office) -> None:
    """A database from a backup has forgotten the last ones: time has not."""
    first, second = [await office.orders.configure("ward-a", {}, BY) for _ in range(2)]
    assert first.revision == office.clock.at_us // 1_000_000
    assert second.revision == first.revision + 1
    await office.desk.store.write(lambda db: db.execute("DELETE FROM configuration"))
    office.clock.at_us += 60_000_000
    assert (await office.orders.configure("ward-a", {}, BY)).revision > second.revision


async def test_the_newest_configuration_of_each_gateway_counts(office: Office) -> None:
    await office.orders.configure("ward-a", {"dscp-wave": 8}, BY)
    newest = await office.orders.configure("ward-a", {"log-level": "debug"}, BY)
    other = await office.orders.configure("ward-b", {}, BY)
    assert await office.orders.newest() == [newest, other]
    assert [one.state for one in await office.orders.configurations()] == ["sent", "sent"]
    told = {"revision": newest.revision, "outcome": "applied"}
    await office.answer("ward-b", EventKind.CONFIGURATION, **told)
    await office.answer("ward-a", EventKind.CONFIGURATION, **told)
    states = {one.order.gateway: one.state for one in await office.orders.configurations()}
    assert states["ward-a"] == "applied"
    [only] = await office.orders.configurations("ward-a")
    assert only.order == newest


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (followed.COMMANDS, "device_event_command"),
        (followed.LATEST, "device_event_configuration"),
        (followed.IN_FORCE, "device_event_configuration"),
    ],
)
async def test_looking_for_answers_reads_no_other_events(office: Office, query: str, index: str) -> None:
    given = ["ward-a", 50][: query.count("?")]
    assert index in await plan(office.desk.store, query, given)


async def test_the_same_key_of_the_same_person_for_the_same_gateway_is_one_command(office: Office) -> None:
    ask = office.orders.command
    first = await ask("ward-a", "identify", {}, BY, key="k")
    office.clock.at_us += LIFE_US + 1  # also when it has long expired: it is not begun anew
    assert await ask("ward-a", "identify", {}, BY, key="k") == first
    others = [
        await ask("ward-a", "identify", {}, BY, key="l"),
        await ask("ward-b", "identify", {}, BY, key="k"),
        await ask("ward-a", "identify", {}, By("ben"), key="k"),
        await ask("ward-a", "identify", {}, BY),
        await ask("ward-a", "identify", {}, BY),
    ]
    assert len({one.id for one in [first, *others]}) == 6
    with pytest.raises(Conflict, match="make a new key"):
        await ask("ward-a", "rebirth", {}, BY, key="k")


@given(st.lists(st.text(max_size=6), min_size=3, max_size=3), st.lists(st.text(max_size=6), min_size=3))
def test_other_words_around_a_key_never_give_the_same_command(one: list[str], other: list[str]) -> None:
    """Where one of the three ends and the next begins counts, too."""
    if all((one[2], other[2])) and one != other[:3]:
        assert _number(*one) != _number(*other[:3])


async def test_of_two_who_set_up_the_same_gateway_the_second_is_told_of_the_first(office: Office) -> None:
    configure = office.orders.configure
    first = await configure("ward-a", {"dscp-wave": 8}, BY, over=0)
    with pytest.raises(Outdated, match=f"{first.revision}, which anna sent, got 0"):
        await configure("ward-a", {"dscp-wave": 10}, By("ben"), over=0)
    second = await configure("ward-a", {"dscp-wave": 10}, By("ben"), over=first.revision)
    assert await office.orders.newest() == [second]
    with pytest.raises(Outdated):
        await configure("ward-a", {"dscp-wave": 8}, BY, over=0)  # its own, but another's came after
    assert (await configure("ward-a", {}, BY)).revision > second.revision  # who does not say replaces any


async def test_a_configuration_that_comes_again_is_not_sent_again(office: Office) -> None:
    first = await office.orders.configure("ward-a", {"dscp-wave": 8}, BY, over=0)
    assert await office.orders.configure("ward-a", {"dscp-wave": 8}, BY, over=0) == first
    for settings, by in (({"dscp-wave": 8}, By("ben")), ({"dscp-wave": 9}, BY)):
        with pytest.raises(Outdated):
            await office.orders.configure("ward-a", settings, by, over=0)
    assert await office.orders.newest() == [first]


async def test_a_comparison_sends_nothing_and_names_each_setting_that_would_be_another(
    office: Office,
) -> None:
    assert await office.orders.compare("ward-a", {"dscp-wave": 8}) == (0, [Change("dscp-wave", None, 8)])
    made = await office.orders.configure("ward-a", {"dscp-wave": 8, "dscp-bulk": 1}, BY)
    changes = [Change("dscp-bulk", 1, None), Change("log-level", None, "debug")]
    assert await office.orders.compare("ward-a", {"dscp-wave": 8, "log-level": "debug"}) == (
        made.revision,
        changes,
    )
    with pytest.raises(OrderError, match="dscp-wave: expected 0 to 63"):
        await office.orders.compare("ward-a", {"dscp-wave": 64})
    assert await office.orders.newest() == [made]


async def test_what_the_box_last_applied_is_in_force_whatever_was_sent_after(office: Office) -> None:
    assert await office.orders.in_force("ward-a") is None
    first = await office.orders.configure("ward-a", {"dscp-wave": 8}, BY)
    second = await office.orders.configure("ward-a", {"dscp-wave": 10}, BY)
    assert await office.orders.in_force("ward-a") is None
    tell = office.answer
    await tell("ward-a", EventKind.CONFIGURATION, revision=first.revision, outcome="applied")
    await tell("ward-a", EventKind.CONFIGURATION, revision=second.revision, outcome="refused", why="no space")
    await tell("ward-b", EventKind.CONFIGURATION, revision=second.revision, outcome="applied")
    held = await office.orders.in_force("ward-a")
    assert held is not None
    assert (held.revision, held.settings) == (first.revision, {"dscp-wave": 8})
    await office.desk.store.write(lambda db: db.execute("DELETE FROM configuration"))
    held = await office.orders.in_force("ward-a")
    assert held is not None
    assert held.settings is None  # a backup lacks that revision


async def test_what_a_gateway_says_beside_the_outcome_is_kept_with_the_time_of_it(office: Office) -> None:
    made = await office.orders.command("ward-a", "identify", {}, BY)
    told = {"id": made.id.hex(), "name": "identify", "outcome": "done"}
    await office.answer("ward-a", EventKind.COMMAND, **told, lamps=2)
    [held] = await office.orders.commands()
    assert held.more == {"lamps": 2}
    assert held.told_us is not None

"""Orders are checked, kept and audited; their state is what their own gateway said."""

import pytest

from controller.errors import EnrolmentRefused, NotFound, OrderError
from controller.orders.desk import LIFE_US, LONGEST_LIFE_US
from devices.model.observation import EventKind
from tests.unit.controller.orders.conftest import BY, Office


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
    [followed] = await office.orders.commands("ward-a")
    assert (followed.order, followed.state, followed.why) == (made, "done", "")
    assert await office.orders.unanswered() == []
    assert await office.orders.commands("ward-b") == []


async def test_a_refused_one_has_the_reason_and_the_first_answer_counts(office: Office) -> None:
    made = await office.orders.command("ward-a", "identify", {}, BY)
    told = {"id": made.id.hex(), "name": "identify"}
    await office.answer("ward-a", EventKind.COMMAND, **told, outcome="refused", why="too many")
    await office.answer("ward-a", EventKind.COMMAND, **told, outcome="interrupted")
    [followed] = await office.orders.commands()
    assert (followed.state, followed.why) == ("refused", "too many")


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


async def test_looking_for_answers_reads_no_other_events(office: Office) -> None:
    made = await office.orders.command("ward-a", "identify", {}, BY)
    query = """EXPLAIN QUERY PLAN SELECT 1 FROM device_event WHERE device IS NULL AND kind = 'command'
    AND gateway = 'ward-a' AND json_extract(detail, '$.id') = ?"""
    plan = " ".join(str(row[-1]) for row in await office.desk.store.read(query, (made.id.hex(),)))
    assert "device_event_command" in plan

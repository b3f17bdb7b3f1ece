"""What the uplink hands over: good orders are obeyed, others are counted and raise an alert."""

from pathlib import Path

import pytest

from devices.errors import WireError
from devices.model.observation import Instant
from gateway.alarms.technical import ORDER_REFUSED, QUIET_NS, Alarms
from gateway.enrolment.identity import IdentityFolder
from gateway.orders.orders import Orders
from tests.unit.gateway.orders.made import IDENTITY, OTHER, Box, command, configuration, signer


class Wired(Box):
    """A box with an identity, and the names of its alarms."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.alarmed: list[str] = []
        identity = IdentityFolder(folder / "identity")
        identity.install(IDENTITY)
        self.orders = Orders(identity, self.commands, self.held, self.alarmed.append)


@pytest.fixture
def box(tmp_path: Path) -> Wired:
    return Wired(tmp_path)


async def test_good_orders_are_obeyed_and_counted(box: Wired) -> None:
    await box.orders.command(signer().command(command(1, "rebirth")), box.birth)
    await box.orders.configure(signer().configuration(configuration(7, dscp_wave=8)))
    assert (box.births, box.applied, box.alarmed) == (1, [{"dscp-wave": 8}], [])
    assert box.orders.counts() == {
        "configuration-revision": 7,
        "commands-done": 1,
        "commands-repeated": 0,
        "orders-refused": 0,
    }


async def test_orders_of_another_authority_are_not_obeyed(box: Wired) -> None:
    await box.orders.command(signer(OTHER).command(command(1, "rebirth")), box.birth)
    await box.orders.configure(signer(OTHER).configuration(configuration(7)))
    assert (box.births, box.applied, box.alarmed) == (0, [], ["other-key", "other-key"])
    assert box.orders.counts()["orders-refused"] == 2


async def test_one_kind_of_order_is_not_taken_for_the_other(box: Wired) -> None:
    await box.orders.configure(signer().command(command(1, "rebirth")))
    await box.orders.command(signer().configuration(configuration(7)), box.birth)
    assert box.alarmed == ["other-kind", "other-kind"]


async def test_a_replayed_older_configuration_raises_an_alert(box: Wired) -> None:
    old, new = (signer().configuration(configuration(n)) for n in (1, 2))
    for one in (old, new, old):
        await box.orders.configure(one)
    assert (box.held.revision, box.alarmed) == (2, ["older"])


async def test_bytes_that_nobody_signed_are_a_wire_error(box: Wired) -> None:
    with pytest.raises(WireError):
        await box.orders.command(b"garbage", box.birth)


async def test_a_journal_that_fails_stops_nothing(box: Wired) -> None:
    box.journal_fails = True
    await box.orders.configure(signer().configuration(configuration(7)))
    await box.orders.begin()
    assert (box.held.revision, box.told) == (7, [])


async def test_a_start_says_what_is_in_force_and_what_was_interrupted(box: Wired, tmp_path: Path) -> None:
    await box.orders.configure(signer().configuration(configuration(7)))
    box.journal_fails = True
    await box.orders.command(signer().command(command(1, "rebirth")), box.birth)
    again = Wired(tmp_path)
    await again.orders.begin()
    assert again.outcomes == ["interrupted", "applied"]


def test_the_alert_is_raised_once_and_ends_when_it_has_been_quiet() -> None:
    alarms, quiet = Alarms(), QUIET_NS[ORDER_REFUSED]
    [raised] = alarms.order_refused("older", Instant(0))
    assert (raised.code, raised.active, dict(raised.detail)) == (ORDER_REFUSED, True, {"why": "older"})
    assert alarms.order_refused("older", Instant(5)) == []
    assert alarms.tick(Instant(quiet)) == []
    [ended] = alarms.tick(Instant(quiet + 5))
    assert not ended.active

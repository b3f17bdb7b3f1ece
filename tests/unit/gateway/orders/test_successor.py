"""Orders of an issuing key that took the place of the one above this box's certificate."""

from datetime import timedelta

import pytest

from controller.identity.authority import Authority, new_authority
from controller.identity.succession import next_issuing, next_root
from devices.wire import cose
from devices.wire.orders import pack_command
from gateway.enrolment.identity import Identity
from gateway.errors import OrderRefused
from gateway.orders.verify import verified
from tests.support.est import now
from tests.unit.gateway.enrolment.made import identity
from tests.unit.gateway.orders.made import OTHER, command, signer

FIRST, FIRST_KEY = new_authority(now() - timedelta(days=900))
RENEWED = next_issuing(FIRST, FIRST_KEY, now() - timedelta(days=300))
ROLLED, ROLLED_KEY = next_root(RENEWED, FIRST_KEY, now() - timedelta(days=200))
AGAIN, _ = next_root(ROLLED, ROLLED_KEY, now() - timedelta(days=100))
BOX = identity(FIRST)
"""It was away ever since."""


def believed(of: Authority, box: Identity = BOX) -> bool:
    try:
        return verified(signer(of).command(command()), cose.COMMAND, box) == pack_command(command())
    except OrderRefused as refused:
        assert refused.why == "other-key"
        return False


@pytest.mark.parametrize(
    "of", [FIRST, RENEWED, ROLLED, AGAIN], ids=["its own", "the next", "a new root's", "two roots later"]
)
def test_a_box_that_was_away_believes_whoever_took_the_place_of_its_authority(of: Authority) -> None:
    assert believed(of)


def test_a_box_that_has_the_new_chain_believes_the_old_key_no_more() -> None:
    """It may have been replaced because it was stolen."""
    assert believed(RENEWED, identity(RENEWED))
    assert not believed(FIRST, identity(RENEWED))


def test_what_a_message_brings_has_to_be_under_the_pinned_root() -> None:
    assert not believed(OTHER)
    pretended = Authority(OTHER.root, OTHER.issuing, OTHER.key, (), ROLLED.held.links)
    assert not believed(pretended)


def test_a_message_that_does_not_bring_the_link_is_not_believed() -> None:
    assert not believed(Authority(ROLLED.root, ROLLED.issuing, ROLLED.key))


def test_a_certificate_that_is_not_of_the_key_that_signed_is_not_believed() -> None:
    assert not believed(Authority(RENEWED.root, RENEWED.issuing, OTHER.key))


def test_another_authority_of_the_same_root_is_not_believed() -> None:
    """A hospital's root signs many: only one of the same name is this box's."""
    renamed = Authority(FIRST.root, FIRST.root, FIRST_KEY)
    assert not believed(renamed)

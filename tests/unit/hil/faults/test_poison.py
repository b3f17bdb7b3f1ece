"""The poison of the campaign, given to ingest alone: each message is what its name says."""

import pytest

from controller.ingest import Arrived, Block, Broken, Refused, read
from hil.faults.poison import CATALOGUE, Fate, Scene
from hil.faults.rogue import ROGUE, Rogue

JOURNAL, BOOT = b"victim's", bytes(16)


@pytest.mark.parametrize("name", CATALOGUE)
def test_ingest_gives_each_message_the_fate_that_the_campaign_expects(name: str) -> None:
    poison = CATALOGUE[name](Scene(Rogue(0, ""), JOURNAL, BOOT))
    verdict = read(Arrived(poison.topic, poison.payload, 1))
    match poison.fate:
        case Fate.QUARANTINED:
            assert isinstance(verdict, Refused)
            assert verdict.header is not None
        case Fate.REFUSED if not name.startswith("another"):
            assert isinstance(verdict, Refused)
            assert verdict.header is None
        case Fate.DAMAGED:
            assert isinstance(verdict, Broken)
        case Fate.UNKNOWN | Fate.COMMITTED:
            assert isinstance(verdict, Block)
        case Fate.REFUSED | Fate.DENIED:
            # By whose journal, or which topic, it is: the planner's and the broker's part.
            assert poison.number is None


def test_what_the_broker_has_to_deny_is_not_the_poisoners_own_or_too_large() -> None:
    for make in CATALOGUE.values():
        poison = make(Scene(Rogue(0, ""), JOURNAL, BOOT))
        if poison.fate == Fate.DENIED:
            assert not poison.topic.startswith(f"wl/1/{ROGUE}/up/") or len(poison.payload) > 524_288

"""What is twisted is good without the twist: so it is the twist that is refused."""

import cbor2
import pytest

from controller.ingest import Arrived, Block, Refused, read
from devices.errors import Malformed
from devices.wire.strict import decode
from hil.faults import poison_twists as twists
from hil.faults.rogue import ROGUE

STRAIGHT = {
    "vital": cbor2.dumps(twists.block(cbor2.dumps(twists.HEADER))),
    "state": cbor2.dumps(twists.STATE),
    "birth": cbor2.dumps(twists.BIRTH),
}


@pytest.mark.parametrize("what", STRAIGHT)
def test_without_a_twist_each_message_is_taken(what: str) -> None:
    verdict = read(Arrived(f"wl/1/{ROGUE}/up/{what}", STRAIGHT[what], 1))
    assert not isinstance(verdict, Refused)
    assert isinstance(verdict, Block) == (what == "vital")


@pytest.mark.parametrize(
    ("item", "what"),
    [
        (twists.HEADER, "header"),
        (twists.STATE, "state"),
        (twists.BIRTH, "birth"),
        (cbor2.loads(twists.RECORDS), "records"),
    ],
)
def test_most_twists_are_lost_on_a_reader_that_is_not_strict(item: object, what: str) -> None:
    lost = 0
    for name, raw in twists.TWISTED[what].items():
        try:
            lost += cbor2.loads(raw) == item
        except cbor2.CBORError:
            continue
        finally:
            if "float" not in name:  # that is for the contract to refuse
                with pytest.raises(Malformed):
                    decode(raw)
    assert lost >= 3

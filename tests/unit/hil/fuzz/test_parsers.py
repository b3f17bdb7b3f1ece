"""The fuzzer's readers: what is right is taken, all else is refused, and nothing raises."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadLabel
from controller.inventory import labels
from hil.errors import Broken
from hil.fuzz import parsers
from hil.fuzz.parsers import PARSERS, parser

SIGNED = "cose", "orders", "claim"


@pytest.mark.parametrize("name", SIGNED)
def test_every_seed_is_something_that_is_taken(name: str) -> None:
    assert all(parser(name).endure(seed) for seed in parser(name).seeds)


def test_the_seeds_of_labels_are_of_every_kind_and_one_is_refused() -> None:
    kinds = set[str]()
    for seed in parser("labels").seeds[:-1]:
        kinds.add(labels.read(seed.decode()).kind)
    assert kinds == set(labels.Kind)
    with pytest.raises(BadLabel):
        labels.read(parser("labels").seeds[-1].decode())


@given(name=st.sampled_from(SIGNED), data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    parser(name).endure(data)


@given(name=st.sampled_from(SIGNED), seed=st.integers(0, 2**32))
def test_what_is_right_but_for_some_bytes_is_read_or_refused(name: str, seed: int) -> None:
    random = Random(seed)
    data = bytearray(random.choice(parser(name).seeds))
    for _ in range(random.randint(1, 4)):
        data[random.randrange(len(data))] = random.randrange(256)
    parser(name).endure(bytes(data))


def test_a_reader_that_disagrees_with_its_writer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = parser("orders").seeds[0]
    monkeypatch.setattr(parsers, "pack_command", lambda _: right.replace(b"anna", b"anne"))
    with pytest.raises(Broken, match="the command"):
        PARSERS["orders"].endure(right)

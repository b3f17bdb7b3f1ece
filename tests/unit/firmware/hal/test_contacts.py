"""Contacts count once they have held for 50 ms."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.hal.contacts import HOLD_MS, Contacts


def test_a_door_that_opens_is_seen_once_however_it_bounces() -> None:
    contacts, changes = Contacts(), []
    bouncing = {100: 1, 103: 0, 105: 1, 109: 0, 110: 1}
    seen = 0
    for now in range(300):
        seen = bouncing.get(now, seen)
        if contacts.update(seen, now):
            changes.append((now, contacts.active))
    assert changes == [(50, 0), (160, 1)]


@given(st.lists(st.integers(0, 255), min_size=1), st.integers(0, 255))
def test_what_holds_is_what_is_told(noise: list[int], last: int) -> None:
    contacts = Contacts()
    for now, seen in enumerate(noise):
        contacts.update(seen, now)
    for now in range(len(noise), len(noise) + HOLD_MS + 1):
        contacts.update(last, now)
    assert contacts.active == last

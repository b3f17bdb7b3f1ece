"""The end check finds what is missing, doubled or invented, and excuses only what no link could carry."""

from hypothesis import given
from hypothesis import strategies as st

from hil.endcheck import Compared, Samples, Seen, Value, compare

MS = 1_000_000
ALWAYS = [0]
DELAY = 40 * MS


def sent(*values: Value, every_ms: int = 1000, start_ms: int = 1000) -> list[Seen]:
    return [Seen((start_ms + n * every_ms) * MS, value) for n, value in enumerate(values)]


def arrived(seen: list[Seen]) -> list[Seen]:
    return [Seen(one.at + DELAY, one.value) for one in seen]


def verdict(out: list[Seen], stored: list[Seen], links: list[int] | None = None) -> tuple[int, int, int]:
    result = compare("ox-1", "spo2", out, stored, ALWAYS if links is None else links)
    assert (result.sent, result.stored) == (len(out), len(stored))
    return result.unheard, result.missing, result.surplus


def test_everything_that_was_sent_and_stored_once_is_clean() -> None:
    out = sent(97, 97, None, 98)
    assert verdict(out, arrived(out)) == (0, 0, 0)


def test_a_hole_between_two_that_arrived_is_missing() -> None:
    out = sent(97, 96, 98)
    assert verdict(out, arrived([out[0], out[2]])) == (0, 1, 0)


def test_the_last_ones_of_a_link_that_never_ended_are_missing_too() -> None:
    out = sent(97, 97, 97, 97)
    assert verdict(out, arrived(out[:3])) == (0, 1, 0)


def test_what_came_before_the_first_that_arrived_was_not_heard() -> None:
    out = sent(97, 97, 98)
    assert verdict(out, arrived(out[1:])) == (1, 0, 0)


def test_what_was_sent_between_two_links_was_not_heard() -> None:
    out = sent(97, 97, 97, 97, 97, 97)
    assert verdict(out, arrived(out[:2] + out[4:]), [0, 2500 * MS, 4500 * MS]) == (2, 0, 0)


def test_a_link_may_be_told_as_begun_after_its_first_value() -> None:
    out = sent(97, 96, 97, 97)
    assert verdict(out, arrived([out[0], *out[2:]]), [0, 3500 * MS]) == (1, 0, 0)


def test_a_hole_within_a_link_is_missing_even_when_another_link_follows() -> None:
    out = sent(97, 96, 97, 95, 97)
    assert verdict(out, arrived([out[0], out[2], out[4]]), [0, 20_000 * MS]) == (0, 2, 0)


def test_a_value_stored_twice_is_surplus() -> None:
    out = sent(97, 98, 99)
    stored = arrived([out[0], out[1], out[1], out[2]])
    assert verdict(out, stored) == (0, 0, 1)


def test_what_is_advertised_still_when_a_link_begins_anew_is_heard_again_and_nothing_else_is() -> None:
    out = sent(5, 6, every_ms=4000)
    again = Seen(out[0].at + 2000 * MS, 5)
    stored, begun = [*arrived(out[:1]), again, *arrived(out[1:])], [out[0].at + 1500 * MS]

    def surplus(links: list[int], advertises: bool) -> int:
        return compare("box-1", "ambient_temp", out, stored, links, advertises=advertises).surplus

    assert surplus(begun, advertises=True) == 0
    assert surplus(begun, advertises=False) == 1
    assert surplus(ALWAYS, advertises=True) == 1


def test_a_value_that_was_never_sent_is_surplus() -> None:
    out = sent(97, 98)
    assert verdict(out, [*arrived(out), Seen(2500 * MS, 55)]) == (0, 0, 1)


def test_a_value_stored_before_it_was_sent_is_not_the_same_value() -> None:
    assert verdict(sent(97), [Seen(0, 97)]) == (1, 0, 1)


def test_no_value_is_not_zero() -> None:
    assert verdict(sent(None), arrived(sent(0))) == (1, 0, 1)


PACKETS: list[Samples] = [(1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (None, None, None, None)]


def test_packets_of_samples_that_were_stored_once_are_clean() -> None:
    out = sent(*PACKETS, every_ms=333)
    assert verdict(out, arrived(out)) == (0, 0, 0)


def test_a_packet_that_is_not_stored_is_missing() -> None:
    out = sent(*PACKETS, every_ms=333)
    assert verdict(out, arrived([out[0], *out[2:]])) == (0, 1, 0)


def test_a_packet_with_another_sample_is_missing_and_surplus() -> None:
    out = sent(*PACKETS, every_ms=333)
    other = Seen(out[1].at, (5, 6, 0, 8))
    assert verdict(out, arrived([out[0], other, *out[2:]])) == (0, 1, 1)


def test_samples_in_another_order_are_not_what_was_sent() -> None:
    out = sent(*PACKETS, every_ms=333)
    turned = Seen(out[1].at, (6, 5, 7, 8))
    assert verdict(out, arrived([out[0], turned, *out[2:]])) == (0, 1, 1)


def test_packets_stored_in_another_order_are_noticed() -> None:
    out = sent(*PACKETS, every_ms=333)
    turned = [out[0], Seen(out[1].at, out[2].value), Seen(out[2].at, out[1].value), out[3]]
    assert verdict(out, arrived(turned)) != (0, 0, 0)


def test_a_packet_stored_twice_is_surplus() -> None:
    out = sent(*PACKETS, every_ms=333)
    assert verdict(out, arrived([out[0], out[1], out[1], *out[2:]])) == (0, 0, 1)


def test_a_part_of_a_packet_within_a_link_is_a_loss_but_not_invented() -> None:
    out = sent(*PACKETS, every_ms=333)
    for part in ((5, 6), (7, 8), (5, None, 7, 8)):
        assert verdict(out, arrived([out[0], Seen(out[1].at, part), *out[2:]])) == (0, 1, 0)


def test_a_part_of_a_packet_in_which_a_link_began_is_excused() -> None:
    out = sent(*PACKETS, every_ms=333)
    stored = arrived([out[0], Seen(out[1].at, (7, 8)), *out[2:]])
    assert verdict(out, stored, [0, out[1].at + MS]) == (1, 0, 0)


def test_samples_that_were_lost_are_not_samples_that_the_device_did_not_have() -> None:
    out = sent(*PACKETS, every_ms=333)
    assert verdict(out, arrived([out[0], Seen(out[1].at, (None,) * 4), *out[2:]]))[1] == 1


def test_a_clean_comparison_says_so() -> None:
    assert Compared("ox-1", "spo2", 3, 2, unheard=1, missing=0, surplus=0).is_clean
    assert not Compared("ox-1", "spo2", 3, 2, unheard=0, missing=1, surplus=0).is_clean
    assert not Compared("ox-1", "spo2", 3, 4, unheard=0, missing=0, surplus=1).is_clean


values = st.lists(st.sampled_from([None, 95, 96, 97]), min_size=2, max_size=40)


@given(values, st.data())
def test_every_single_loss_between_first_and_last_is_counted(
    values: list[float | None], data: st.DataObject
) -> None:
    out = sent(*values, every_ms=333)
    lost = data.draw(st.integers(1, len(out) - 1))
    unheard, missing, surplus = verdict(out, arrived(out[:lost] + out[lost + 1 :]))
    assert (unheard + missing, surplus) == (1, 0)


@given(values, st.data())
def test_every_single_double_is_noticed(values: list[float | None], data: st.DataObject) -> None:
    out = sent(*values, every_ms=333)
    twice = data.draw(st.integers(0, len(out) - 1))
    stored = arrived(sorted([*out, out[twice]], key=lambda one: one.at))
    assert verdict(out, stored)[2] >= 1

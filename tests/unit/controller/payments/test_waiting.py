"""How long is waited between two questions."""

from controller.payments.settling import wait_ms


def test_it_is_asked_less_and_less_often_and_at_least_each_five_minutes() -> None:
    waits = [wait_ms(asks) for asks in range(1000)]
    assert waits[:4] == [2_000, 4_000, 8_000, 16_000]
    assert waits == sorted(waits)
    assert waits[-1] == 300_000

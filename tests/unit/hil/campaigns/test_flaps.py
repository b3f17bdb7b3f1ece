"""What a link that comes and goes may do to live readings."""

from hil.campaigns.flaps import Flaps, Phase

GOOD = Phase(fresh_after_s=1.2, came=400, delivered=300, refused=20)


def test_live_readings_in_every_time_that_the_link_is_there_are_good() -> None:
    flaps = Flaps(5, [GOOD] * 10)
    assert flaps.fired
    assert flaps.problems() == []
    assert str(flaps) == "every 5 s: live in 10 of 10 times up, after 1.2 s (median), 1.2 s (worst)"


def test_readings_that_come_back_late_are_a_problem() -> None:
    late = Phase(fresh_after_s=4.5, came=9, delivered=9, refused=9)
    assert Flaps(5, [GOOD] * 8 + [late] * 2).problems() == [
        "live readings were back later than 3 s in 2 of 10 times"
    ]


def test_times_without_any_progress_are_a_problem() -> None:
    idle = Phase(fresh_after_s=None, came=0, delivered=9, refused=9)
    assert (
        "nothing came in 2 of 10 times that the link was up" in Flaps(5, [GOOD] * 8 + [idle] * 2).problems()
    )


def test_a_second_is_too_short_to_promise_anything_each_time() -> None:
    idle = Phase(fresh_after_s=None, came=0, delivered=2, refused=2)
    assert Flaps(1, [GOOD, idle] * 5).problems() == []
    assert Flaps(1, [idle] * 10).problems()


def test_a_link_that_never_went_away_has_not_fired() -> None:
    assert not Flaps(5, [GOOD, Phase(0.1, 400, 300, refused=0)]).fired
    assert not Flaps(5).fired

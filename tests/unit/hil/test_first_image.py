"""What the bench of the first image says."""

from hil.bench.first_image import LINK, Measured, told


def test_the_line_is_one_of_20_mbit_and_40_ms_there_and_back() -> None:
    assert (LINK.rate_bps, 2 * LINK.delay_s) == (20e6, 0.040)


def test_both_ways_of_coming_to_an_image_are_told_apart_with_what_the_line_carried() -> None:
    found = told(Measured(before=[5.0, 7.0, 6.0], anew=[170.0, 240.0, 160.0], carried=300_000))
    assert found == [
        "first image, fetched before: median 6 ms, worst of 3 7 ms",
        "first image, asked for when pressed: median 170 ms, worst of 3 240 ms",
        "over the line: 100 kB a round",
    ]

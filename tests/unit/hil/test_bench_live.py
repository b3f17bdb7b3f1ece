"""The table of `./run bench live`."""

from hil.bench.live import RATES, WAYS, Took, table


def test_cpu_is_told_beyond_what_it_costs_where_nobody_is_told() -> None:
    took = {(rate, way): Took(4, [1.0, 2.0, 3.0, 9.0], 500.0, 300.0) for rate in RATES for way in WAYS}
    for rate in RATES:
        took[rate, "nobody"] = Took(4, [], 400.0, 100.0)
    _, _, *lines = table(took)
    assert len(lines) == len(RATES) * (len(WAYS) - 1)
    assert all(line.split()[-2:] == ["100", "200"] and "4/4" in line for line in lines)

"""The day's excerpt in real time, cut short: real processes, a bad network, a small box. Needs root."""

import math
import os
from pathlib import Path

import psutil
import pytest

from hil.ambulance.excerpt import Pace, live
from hil.faults import small_box

pytestmark = [
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root"),
]

SHORT = Pace(city_s=1, tunnel_s=10, after_s=1, raised_late_s=math.inf, shown_late_s=math.inf)
"""In the order of things, but whatever the clock says: other tests run beside it."""


async def test_through_tunnel_cell_change_kill_two_patients_and_a_moved_device_all_stays_in_its_place(
    tmp_path: Path,
) -> None:
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    lived = await live(tmp_path, 1, print, SHORT)
    assert lived.problems == [], lived.figures
    assert lived.parts == [
        *("city", "tunnel", "cell change", "gateway killed", "second patient", "oximeter moved"),
        "all arrived",
    ]
    assert "peak RSS" in lived.figures["the box"]
    assert {one.pid for one in psutil.Process().children(recursive=True)} <= before
    assert list(small_box.ROOT.glob("*/box-*")) == []

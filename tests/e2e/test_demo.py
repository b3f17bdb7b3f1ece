"""`wardlink demo` as a person starts it: real processes, a real broker, the virtual radio, PTYs."""

import os
import re
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests.support.demo import DEADLINE_S, Demo

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(600)]


def all_live(demo: Demo, after: int = 0) -> None:
    gateways = "gateway amb-1 online, home-0100 online, ward-a online"
    demo.says(rf"9/9 beds live, 27/27 devices connected, {gateways}, 0 blocks", after)


def proves_itself(demo: Demo) -> None:
    assert demo.ends() == 0, demo.output
    assert "Nothing is missing, nothing is twice." in demo.output
    for device in ("hr-1", "temp-6", "ox-1", "ox-6", "gnss-a", "oxygen-a"):
        demo.says(rf"│ {device} ")
    assert demo.left_over() == []


def journals(demo: Demo) -> int:
    """Of all three gateways in the ledger that it prints."""
    return len(re.findall(r"│ vital +│", demo.output))


def of_the_first_run(data: Path) -> Demo:
    """A demo that is refused its port, refuses another, loses every part once, and is ended by Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        demo = Demo(data, "--port", str(busy))
        demo.says(f"port {busy} is busy: the board is at http://127.0.0.1:")
    second = Demo(data)
    assert second.ends() == 2
    assert f"another demo (process {demo.process.pid}) uses" in second.output
    all_live(demo)
    for killed in (("gateway", "ambulance"), ("controller",)):
        seen = len(demo.lines)
        for name in killed:
            os.kill(demo.pid(name), signal.SIGKILL)
        for name in killed:
            demo.says(rf"{name} ended \(killed by signal 9\) and is started again", seen)
        all_live(demo, len(demo.lines))
    demo.process.send_signal(signal.SIGINT)
    return demo


def test_what_is_killed_comes_back_nothing_accepted_is_lost_and_a_second_start_continues_it(
    tmp_path: Path,
) -> None:
    first = of_the_first_run(tmp_path / "data")
    proves_itself(first)
    second = Demo(tmp_path / "data", "--seconds", "3", "--headless", "--port", "0")
    proves_itself(second)
    second.says("first value after")
    # A journal of each gateway for each start, also for one after a kill: the home's was not killed.
    assert (journals(first), journals(second)) == (5, 8)
    pins = [demo.says(r"Name and PIN: +kim +\d{6}$") for demo in (first, second)]
    assert pins[0] != pins[1]


def test_a_killed_demo_takes_its_processes_with_it(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", "--port", "0")
    demo.says("first value after")
    processes = demo.left_over()
    demo.process.kill()
    _, alive = psutil.wait_procs(processes, DEADLINE_S)
    assert alive == []

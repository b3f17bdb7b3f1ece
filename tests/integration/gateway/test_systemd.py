"""systemd starts a gateway that hangs again."""

import signal
from pathlib import Path

import pytest

from tests.support.systemd import Systemd

pytestmark = pytest.mark.timeout(400)
"""Processes that start twice, where nothing is measured."""


def test_a_gateway_is_ready_without_a_controller_and_is_started_again_when_it_hangs(
    config: Path, tmp_path: Path
) -> None:
    run = "gateway", "run", config
    with Systemd(tmp_path) as systemd:
        with systemd.runs(*run) as process:
            systemd.hears("READY=1")
            process.send_signal(signal.SIGSTOP)
            assert systemd.is_silent()
        with systemd.runs(*run) as process:
            systemd.hears("READY=1")
            process.terminate()
            systemd.hears("STOPPING=1")
            assert process.wait(60) == 0

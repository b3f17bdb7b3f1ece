"""haproxy runs here with the very file of deploy/compose/, but for addresses and for TLS."""

import subprocess
from pathlib import Path

import pytest

from hil.cluster.balancer import configured
from hil.cluster.layout import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_haproxy_takes_it_for_as_many_controllers_as_there_are(tmp_path: Path, count: int) -> None:
    http, est = [8101, 8102, 8103][:count], [8201, 8202, 8203][:count]
    text = configured(TEXT, http=http, est=est, listen=(8080, 8444))
    (tmp_path / "haproxy.cfg").write_text(text, encoding="utf-8")
    command = ["/usr/sbin/haproxy", "-c", "-f", str(tmp_path / "haproxy.cfg")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for port in http:
        assert (
            text.count(f"127.0.0.1:{port}\n") + text.count(f"127.0.0.1:{port} ") == 2
        )  # looked at, and anyway
    for port in est:
        assert text.count(f"127.0.0.1:{port}") == 1
    assert "controller-1:" not in text


def test_what_it_does_is_that_of_the_example() -> None:
    text = configured(TEXT, http=[1, 2, 3], est=[4, 5, 6], listen=(8080, 8444))
    assert len(text.splitlines()) == len(TEXT.splitlines())
    assert "option httpchk GET /readyz" in text
    assert "option allbackups" in text

"""A socket's path may be longer than the kernel takes."""

import socket
from pathlib import Path

from controller.sockets import LONGEST, reachable


def served(path: Path) -> bytes:
    """What somebody who connects to a listener at `path` hears."""
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as caller:
        listener.bind(reachable(path))
        listener.listen()
        caller.connect(reachable(path))
        there, _ = listener.accept()
        with there:
            there.sendall(b"here")
        return caller.recv(4)


def test_a_short_path_is_itself(tmp_path: Path) -> None:
    path = Path("/tmp") / "short.sock"
    assert reachable(path) == str(path)


def test_a_path_that_is_too_long_for_the_kernel_is_reached_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    path = folder / "imaging.sock"
    assert len(str(path)) > LONGEST
    assert served(path) == b"here"
    assert path.is_socket()


def test_a_folder_that_took_the_place_of_another_is_the_one_that_is_reached(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    for _ in range(2):
        folder.mkdir()
        assert served(folder / "imaging.sock") == b"here"
        folder.rename(tmp_path / f"gone-{folder.stat().st_ino}")

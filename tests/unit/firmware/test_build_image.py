"""`python -m firmware.build --image`: what a board is updated with."""

from pathlib import Path

import pytest

from devices.wire import node_image
from firmware import build
from firmware.boards import esp32, microbit, nrf52, pico_w


@pytest.mark.parametrize("board", [esp32, nrf52, pico_w], ids=lambda board: board.NAME)
def test_the_image_of_a_board_has_its_own_pins_its_version_and_fits_its_slot(
    tmp_path: Path, board: object
) -> None:
    name, file = str(vars(board)["NAME"]), tmp_path / "image"
    assert build.main(["--image", name, "--version", "7", str(file)]) == 0
    image = node_image.read(file.read_bytes())
    assert (image.board, image.version) == (name, 7)
    pins = {one for one in image.files if one.startswith("firmware/boards/")}
    assert pins == {"firmware/boards/__init__.mpy", f"firmware/boards/{name}.mpy"}
    assert {"firmware/hal/main.mpy", "firmware/core/update.mpy"} <= set(image.files)
    assert not any(one.startswith(("firmware/hal/loader", "firmware/unix")) for one in image.files)
    assert len(file.read_bytes()) <= build.slot_size(name)


def test_the_version_is_the_one_that_the_node_tells(tmp_path: Path) -> None:
    build.lay(tmp_path, 9)
    assert (tmp_path / "firmware/version.py").read_text(encoding="utf-8") == "VERSION = 9\n"
    second, third = (build.node_files("unix", version)["firmware/version.mpy"] for version in (2, 3))
    assert second != third


def test_the_same_sources_are_the_same_image() -> None:
    assert build.update_image("unix", 2) == build.update_image("unix", 2)


def test_an_image_that_a_slot_has_no_room_for_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "slot_size", lambda _: 20000)
    assert build.main(["--image", "unix", "--version", "2", str(tmp_path / "image")]) == 1
    assert "expected at most 20000 bytes, which a slot has" in capsys.readouterr().err
    assert not (tmp_path / "image").exists()


@pytest.mark.parametrize("arguments", [["--image", "unix", "--version", "2"], ["--image", "microbit", "-h"]])
def test_what_is_missing_or_cannot_be_updated_is_told(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        build.main(arguments)


def test_a_version_that_an_image_cannot_have_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["--image", "unix", "--version", "-2", str(tmp_path / "image")]) == 1
    assert "expected a version from 1" in capsys.readouterr().err


@pytest.mark.parametrize("board", [esp32, nrf52, pico_w], ids=lambda board: board.NAME)
def test_the_slots_of_a_board_lie_behind_its_ring(board: object) -> None:
    found = vars(board)
    assert found["SLOTS_FROM"] >= found["FLASH_FROM"] + found["FLASH_PAGES"]
    assert (found["SLOTS_PAGES"] - 2) % 2 == 0


def test_a_micro_bit_has_no_slots() -> None:
    assert microbit.SLOTS_PAGES == 0
    with pytest.raises(ValueError, match="expected a board that can be updated"):
        build.update_image("microbit", 2)

"""Every board's file has the same names, and no pin has two uses."""

import pkgutil
from importlib import import_module
from types import ModuleType

import pytest

from firmware import boards

ALL = [import_module(f"firmware.boards.{info.name}") for info in pkgutil.iter_modules(boards.__path__)]
EACH = pytest.mark.parametrize("board", ALL, ids=lambda board: board.NAME)
_SINGLE = ("SPI_SELECT", "ECG_READY", "ADC_ECG", "ADC_CUFF", "ADC_BATTERY")


def names(board: ModuleType) -> set[str]:
    return {name for name in vars(board) if name.isupper()}


def pins(board: ModuleType) -> list[int]:
    many = [
        *(board.UART[1:]),
        *board.I2C[1:3],
        *(board.SPI or ())[1:4],
        *(board.LEADS_OFF or ()),
        *board.INPUTS,
    ]
    return [pin for pin in [*many, *(getattr(board, name) for name in _SINGLE)] if pin is not None]


@EACH
def test_a_board_has_what_every_board_has(board: ModuleType) -> None:
    assert names(board) ^ names(ALL[0]) == set()
    assert board.__name__.rpartition(".")[2] == board.NAME
    assert len(board.INPUTS) == 8


@EACH
def test_no_pin_is_used_twice(board: ModuleType) -> None:
    assert len(pins(board)) == len(set(pins(board)))


@EACH
def test_the_bus_is_no_faster_than_its_slowest_chip(board: ModuleType) -> None:
    assert board.I2C[3] <= 100_000
    assert board.SPI is None or board.SPI[4] <= 500_000


def test_the_esp32_uses_no_pin_of_its_flash_and_no_output_where_there_is_none() -> None:
    (esp32,) = [board for board in ALL if board.NAME == "esp32"]
    assert not set(pins(esp32)) & {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 15}
    assert not set(esp32.INPUTS) & {34, 35, 36, 39}


def test_the_pico_w_uses_no_pin_of_its_radio() -> None:
    (pico_w,) = [board for board in ALL if board.NAME == "pico_w"]
    assert not set(pins(pico_w)) & {23, 24, 25, 29}
    assert {pico_w.ADC_ECG, pico_w.ADC_CUFF, pico_w.ADC_BATTERY} == {26, 27, 28}

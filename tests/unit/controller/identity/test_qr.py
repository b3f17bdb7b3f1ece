"""What is drawn can be read again, by a reader that shares no code with us."""

import pytest
import zxingcpp
from PIL import Image, ImageOps

from controller.identity.qr import as_rows, as_terminal
from devices.model.claim import Claim

CLAIM = Claim(
    gateway="a" * 48,
    est="https://controller.ward-network.hospital.example:8443",
    mqtt="mqtts://controller.ward-network.hospital.example:8883",
    token="t0k3n_-AAAAAAAAAAAAAAA",
    root="0f" * 32,
    expires=1_800_000_000,
)


def read(rows: list[list[bool]]) -> str:
    """The text of the code whose dark modules are True."""
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    [found] = zxingcpp.read_barcodes(
        image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
    )
    return found.text


def test_a_terminal_shows_it_dark_on_light_with_two_rows_a_line() -> None:
    lines = as_terminal(CLAIM).splitlines()
    light = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = [[not light[char][half] for char in line] for line in lines for half in (0, 1)]
    assert Claim.from_text(read(rows)) == CLAIM


def test_it_fits_on_a_terminal_of_100_columns() -> None:
    assert max(map(len, as_terminal(CLAIM).splitlines())) <= 100


def test_on_a_light_terminal_it_is_inverted_and_still_read() -> None:
    lines = as_terminal(CLAIM).splitlines()
    dark = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = [[bool(dark[char][half]) for char in line] for line in lines for half in (0, 1)]
    assert Claim.from_text(read(rows)) == CLAIM


def modules(rows: list[str]) -> list[list[bool]]:
    """As a page draws them: with the quiet zone of four modules (ISO/IEC 18004, 6.3.8)."""
    lines = [f"0000{row}0000" for row in rows]
    above = ["0" * len(lines[0])] * 4
    return [[one == "1" for one in line] for line in (*above, *lines, *above)]


def test_a_page_is_given_its_modules() -> None:
    rows = as_rows(CLAIM)
    assert {len(row) for row in rows} == {len(rows)}
    assert Claim.from_text(read(modules(rows))) == CLAIM


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_photograph_of_it_may_be_turned(turn: int) -> None:
    rows = modules(as_rows(CLAIM))
    image = Image.new("L", (len(rows), len(rows)), 255)
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    image = ImageOps.expand(image.resize((400, 400)), 60, 255).rotate(turn + 7, fillcolor=255)
    [found] = zxingcpp.read_barcodes(image)
    assert Claim.from_text(found.text) == CLAIM

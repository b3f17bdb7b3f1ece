"""A sheet of A4 and a pen: text in any of our scripts, wrapped, and blocks that say when they are too full.

Fonts are PDF's own: Helvetica, and STSong-Light of Adobe's Chinese set, which every viewer has or replaces.
No font file is needed here. Lengths are in points, from the lower left corner.
"""

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
PLAIN, BOLD, HAN = "Helvetica", "Helvetica-Bold", "STSong-Light"
INK, GREY, PALE = (0.07, 0.09, 0.12), (0.36, 0.39, 0.43), (0.8, 0.83, 0.87)
LONGEST_LINES = 3
"""An item that is longer goes on in the record."""
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
"""Neither font has small figures."""

pdfmetrics.registerFont(UnicodeCIDFont(HAN))


class Sheet:
    """One page. `title` is what a viewer shows."""

    def __init__(self, title: str) -> None:
        self._bytes = BytesIO()
        self.canvas = Canvas(self._bytes, pagesize=A4, pageCompression=1, invariant=1)
        self.canvas.setTitle(title)

    def done(self) -> bytes:
        """The PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self._bytes.getvalue()

    def write(
        self,
        at: tuple[float, float],
        words: str,
        size: float = 8,
        *,
        bold: bool = False,
        ink: tuple[float, float, float] = INK,
        right: bool = False,
    ) -> None:
        """One line at its base line; `right`: it ends there."""
        told, font = _told(words, bold)
        self.canvas.setFillColorRGB(*ink)
        self.canvas.setFont(font, size)
        (self.canvas.drawRightString if right else self.canvas.drawString)(*at, told)

    def rule(self, from_x: float, to_x: float, y: float) -> None:
        """A thin line across."""
        self.canvas.setStrokeColorRGB(*PALE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(from_x, y, to_x, y)


class Block:
    """A column of lines from `top` down, `lines` of them at most."""

    def __init__(self, sheet: Sheet, left: float, top: float, width: float, *, size: float = 7.6) -> None:
        self.sheet, self.left, self.width, self.size = sheet, left, width, size
        self.y = top

    @property
    def step(self) -> float:
        """From one line to the next."""
        return self.size * 1.32

    def heading(self, words: str) -> None:
        """Begin a part."""
        self.y -= self.step * 1.35
        self.sheet.write((self.left, self.y), words, self.size + 1.2, bold=True)
        self.sheet.rule(self.left, self.left + self.width, self.y - 2.5)
        self.y -= 2.5

    def items(self, items: Sequence[str], lines: int, more: str, none: str) -> None:
        """Each item wrapped; what does not fit into `lines` is counted: `more` has a {n}."""
        wrapped = [self._wrapped(one) for one in items] or [[none]]
        for place, one in enumerate(wrapped):
            rest = wrapped[place:]
            if sum(map(len, rest)) > lines and len(one) > lines - 1:
                self.line(more.format(n=len(rest)), ink=GREY)
                return
            lines -= len(one)
            for number, words in enumerate(one):
                self.line(words if number == 0 else f"   {words}")

    def _wrapped(self, words: str) -> list[str]:
        told, font = _told(" ".join(words.split()), bold=False)
        lines = simpleSplit(told, font, self.size, self.width - 12)
        if len(lines) > LONGEST_LINES:
            lines = [*lines[: LONGEST_LINES - 1], lines[LONGEST_LINES - 1][:-3] + " …"]
        return lines or ["–"]

    def line(self, words: str, ink: tuple[float, float, float] = INK) -> None:
        """One line, as it is."""
        self.y -= self.step
        self.sheet.write((self.left, self.y), words, self.size, ink=ink)


def fitting(words: str, width: float, size: float) -> str:
    """As much of it as fits, with … where something is left out."""
    told, font = _told(words, bold=False)
    if pdfmetrics.stringWidth(told, font, size) <= width:
        return told
    while told and pdfmetrics.stringWidth(f"{told}…", font, size) > width:
        told = told[:-1]
    return f"{told}…"


def _told(words: str, bold: bool) -> tuple[str, str]:
    """The words as they are written, and in which font."""
    told = "".join(one if one.isprintable() else " " for one in words.translate(_LOWERED))
    try:
        told.encode("cp1252")
    except UnicodeEncodeError:
        return told, HAN
    return told, BOLD if bold else PLAIN

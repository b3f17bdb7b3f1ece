"""A case as one page of A4, in English or Chinese.

printed(case, "zh", 480)          # bytes of a PDF; times are 480 minutes ahead of UTC

What does not fit is counted: "and 12 more: see the record".
"""

from collections.abc import Sequence

from controller.handover.case import Case, Vital
from controller.handover.curves import CHARTS, Box, curves_of, draw
from controller.handover.lines import Lines, unit
from controller.handover.paper import GREY, HEIGHT, WIDTH, Block, Sheet, fitting
from controller.handover.words import Words

_MARGIN = 34.0
_GAP = 16.0
_HALF = (WIDTH - 2 * _MARGIN - _GAP) / 2
_RIGHT = _MARGIN + _HALF + _GAP
_ROWS = 14
_ROW_HEIGHT = 17.4
_CHART_TOP, _CHART_HEIGHT = 500.0, 62.0
_BELOW = 386.0
"""Where the two columns of what people did begin."""


def printed(case: Case, language: str, offset: int) -> bytes:
    """The PDF. `language`: one of `words.LANGUAGES`; `offset`: minutes that its times are ahead of UTC."""
    words = Words(language)
    lines = Lines(case, words, offset)
    sheet = Sheet(f"{words('handover.title')} {case.who.name}")
    _head(sheet, lines)
    _vitals(sheet, lines)
    _way_and_score(sheet, lines)
    _charts(sheet, lines)
    _people_did(sheet, lines)
    _foot(sheet, lines)
    return sheet.done()


def _head(sheet: Sheet, lines: Lines) -> None:
    words, case = lines.words, lines.case
    top = HEIGHT - _MARGIN
    name = fitting(case.who.name or words("handover.unknown"), WIDTH - 260, 15)
    sheet.write((_MARGIN, top - 12), name, 15, bold=True)
    printed_at = words("handover.printed", time=f"{lines.moment(case.made_ms)} {lines.zone_name()}")
    right = WIDTH - _MARGIN
    sheet.write((right, top - 8), words("handover.title"), 11, bold=True, right=True)
    sheet.write((right, top - 20), printed_at, 8, right=True)
    sheet.write((right, top - 31), words("handover.page"), 7, ink=GREY, right=True)
    sheet.write((_MARGIN, top - 27), fitting(lines.who(), WIDTH - 2 * _MARGIN - 150, 8), 8)
    sheet.rule(_MARGIN, right, top - 37)


def _way_and_score(sheet: Sheet, lines: Lines) -> None:
    words, case = lines.words, lines.case
    block = Block(sheet, _MARGIN, HEIGHT - _MARGIN - 36, _HALF * 0.72)
    block.heading(words("handover.way"))
    said = lines.way()
    if case.is_cut:
        said.insert(0, words("handover.cut", time=lines.moment(case.from_ms)))
    if case.not_taken:
        said.append(words("handover.not-taken", n=case.not_taken))
    block.items(said, 8, _more(lines), words("handover.none"))
    total, parts = lines.score()
    block.heading(f"{words('handover.score')}  {total}")
    block.items(parts, 12, _more(lines), words("handover.none"))


def _vitals(sheet: Sheet, lines: Lines) -> None:
    words, vitals = lines.words, lines.vitals()
    left = _MARGIN + _HALF * 0.72 + _GAP
    block = Block(sheet, left, HEIGHT - _MARGIN - 36, WIDTH - _MARGIN - left)
    block.heading(words("handover.vitals"))
    if not vitals:
        block.items([], 1, "", words("handover.no-values"))
    shown = vitals if len(vitals) <= _ROWS else vitals[: _ROWS - 1]
    for vital in shown:
        block.y -= _ROW_HEIGHT
        _row(block, vital, lines)
    if len(shown) < len(vitals):
        block.y -= 7
        block.line(words("handover.more", n=len(vitals) - len(shown)), ink=GREY)


def _row(block: Block, vital: Vital, lines: Lines) -> None:
    """Name, value, when, how long before, and below it what is to be said."""
    sheet, left, y = block.sheet, block.left, block.y
    age = lines.words("handover.ago", age=lines.age(lines.case.made_ms - vital.last.at_ms))
    when = f"{lines.clock(vital.last.at_ms)} · {age}"
    name = lines.words.named("metric", vital.name)
    sheet.write((left, y), fitting(name, 88, 8), 8)
    sheet.write((left + 150, y), lines.figure(vital), 8.6, bold=True, right=True)
    sheet.write((left + block.width, y), when, 7.6, right=True)
    sheet.write((left + 6, y - 7), fitting(lines.remark(vital), block.width - 6, 6.4), 6.4, ink=GREY)


def _charts(sheet: Sheet, lines: Lines) -> None:
    words, case = lines.words, lines.case
    head = Block(sheet, _MARGIN, _CHART_TOP, WIDTH - 2 * _MARGIN)
    head.heading(words("handover.trends"))
    width = (WIDTH - 2 * _MARGIN - 3 * 26) / 4
    bottom = head.y - 14 - _CHART_HEIGHT
    for place, chart in enumerate(CHARTS):
        box = Box(_MARGIN + 18 + place * (width + 20), bottom, width, _CHART_HEIGHT)
        curves = curves_of(case, chart)
        if not curves:
            name = words.named("metric", chart[0][0])
            sheet.write((box.left, box.bottom + box.height + 4), f"{name}: {words('handover.no-values')}", 7)
            continue
        _chart(sheet, box, lines, curves)


def _chart(sheet: Sheet, box: Box, lines: Lines, curves: Sequence[Sequence[Vital]]) -> None:
    low, high = draw(sheet, box, lines.case, curves)
    names = " / ".join(lines.words.named("metric", curve[0].name) for curve in curves)
    above, below = box.bottom + box.height, box.bottom - 7.5
    sheet.write((box.left, above + 4), f"{names} {unit(curves[0][0])}", 7.4)
    sheet.write((box.left - 3, above - 5), f"{high:.0f}", 6.4, ink=GREY, right=True)
    sheet.write((box.left - 3, box.bottom), f"{low:.0f}", 6.4, ink=GREY, right=True)
    sheet.write((box.left, below), lines.clock(lines.case.from_ms), 6.4, ink=GREY)
    sheet.write((box.left + box.width, below), lines.clock(lines.case.until_ms), 6.4, ink=GREY, right=True)


def _people_did(sheet: Sheet, lines: Lines) -> None:
    words = lines.words
    columns = (
        (_MARGIN, (("handover.given", lines.given(), 10), ("handover.marks", lines.marks(), 16))),
        (
            _RIGHT,
            (
                ("handover.assessed", lines.assessed(), 10),
                ("handover.alarms", lines.alarms(), 8),
                ("handover.asked", lines.asked(), 7),
            ),
        ),
    )
    for left, parts in columns:
        block = Block(sheet, left, _BELOW, _HALF)
        for key, items, most in parts:
            block.heading(words(key))
            block.items(items, most, _more(lines), words("handover.none"))


def _foot(sheet: Sheet, lines: Lines) -> None:
    words = lines.words
    sheet.rule(_MARGIN, WIDTH - _MARGIN, _MARGIN + 22)
    block = Block(sheet, _MARGIN, _MARGIN + 21, WIDTH - 2 * _MARGIN, size=7)
    people = f"{words('handover.people')}: {', '.join(lines.case.people)}"
    block.items([people], 3, _more(lines), words("handover.none"))


def _more(lines: Lines) -> str:
    return lines.words("handover.more", n="{n}")

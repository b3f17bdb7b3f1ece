"""Recordings of a person's finger during induced hypoxia, with what another oximeter showed.

They are those of OxiWear (github.com/aarusso/OxiWear at 78aa9f5, folder spo2-data/proto1): 59 of 2 to 6 s
from one person, at 64 Hz, by Maxim's MAXM86161, from 98 down to 70 %. The name of each file tells what the
other oximeter showed: `<time>-<SpO2>-<pulse>.csv`. Its authors give no licence: so they are read where
somebody has them, and are no part of this project.

The curve is the one that Maxim gives for the MAXM86161 (application note 6845: a = 1.5958422,
b = -34.6596622, c = 112.6898759; by the programs that cite it, the note itself was not at hand).
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from firmware.sensors.oximetry import Oximetry, Result
from hil.oximetry.agreement import Agreement

MAXM86161_CURVE = (1596, -34660, 112690)
_RATE_HZ = 64
_ENOUGH = 3
"""The recordings are too short for six beats."""
_COLUMNS = 8
_INFRARED, _RED = 5, 6


class Shown(NamedTuple):
    """What the other oximeter showed, in percent and beats a minute; the last that ours said."""

    spo2: int
    pulse: int
    said: Result | None


def shown(folder: Path) -> Iterator[Shown]:
    """Every recording of the folder."""
    for path in sorted(folder.glob("*-*-*.csv")):
        _, spo2, pulse = path.stem.split("-")[:3]
        yield Shown(int(spo2), int(pulse.strip("_")), _said(path))


def _said(path: Path) -> Result | None:
    oximetry, last = Oximetry(_RATE_HZ, MAXM86161_CURVE, enough=_ENOUGH), None
    for red, infrared in _samples(path):
        oximetry.add(red, infrared)
        said = oximetry.result()
        last = said if said.spo2 is not None else last
    return last


def _samples(path: Path) -> Iterator[tuple[int, int]]:
    """Red and infrared of the rows after the header's."""
    rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    for row in rows:
        if row[:1] == ["timestamp"]:
            break
    for row in rows:
        if len(row) > _COLUMNS and row[_INFRARED]:
            yield int(float(row[_RED])), int(float(row[_INFRARED]))


def compared(folder: Path) -> tuple[Agreement, Agreement]:
    """Agreement of SpO2, in percent, and of the pulse, in beats a minute, with the other oximeter."""
    told = list(shown(folder))
    spo2 = [one.said.spo2 / 10 - one.spo2 for one in told if one.said and one.said.spo2]
    pulse = [one.said.pulse / 10 - one.pulse for one in told if one.said and one.said.pulse]
    return Agreement.of(spo2, len(told)), Agreement.of(pulse, len(told))

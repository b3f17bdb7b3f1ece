"""The checklists there are: library.toml, read once.

library()["stroke-look"].steps[0].words["en"]
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from controller.telemedicine.model import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
Words = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `id` is told by what is kept, and stays."""

    id: str
    words: Words


@dataclass(frozen=True, slots=True)
class Checklist:
    """`source`: what it follows."""

    id: str
    words: Words
    source: str
    steps: tuple[Step, ...]


@cache
def library() -> Mapping[str, Checklist]:
    """By id."""
    text = files("controller.telemedicine.checklists").joinpath("library.toml").read_text("utf-8")
    return {one["id"]: _read(one) for one in tomllib.loads(text)["list"]}


def _read(one: dict[str, Any]) -> Checklist:
    steps = tuple(Step(step["id"], _words(step)) for step in one["steps"])
    return Checklist(one["id"], _words(one), one["source"], steps)


def _words(one: dict[str, Any]) -> Words:
    return {language: one[language] for language in LANGUAGES}

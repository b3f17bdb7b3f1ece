"""Why robots do what they do: a code for every language, and English beside it."""

import json
import re
from copy import deepcopy
from pathlib import Path
from string import Formatter

import pytest

from controller.robots.reasons import TEXTS, Reason, because, coded, joined, reread, written
from controller.robots.vehicles import Condition

WORDS = Path(__file__).parents[4] / "controller/web/public/words"
LINE = re.compile(r'^  "why\.(?P<code>[^"]+)": (?P<text>".*"),$', re.MULTILINE)


def places(text: str) -> set[str]:
    """What is filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_words_with_the_same_places_in_every_language(language: str) -> None:
    found = LINE.finditer((WORDS / f"why-{language}.js").read_text("utf-8"))
    words = {one["code"]: json.loads(one["text"]) for one in found if not one["code"].startswith("said.")}
    assert {code: places(text) for code, text in words.items()} == {
        code: places(text) for code, text in TEXTS.items()
    }


def test_a_reason_is_its_english_and_its_code_with_parameters() -> None:
    why = because("robot-is", robot="R1", condition=Condition.SILENT)
    assert why == "R1 is silent"
    assert coded(why) == {"code": "robot-is", "params": {"robot": "R1", "condition": "silent"}}
    assert coded("a bed stands there") is None


def test_a_reason_within_a_reason_keeps_its_code_also_in_the_store() -> None:
    why = because("of-robot", robot="R1", why=because("refuses", said="the ramp is too steep"))
    again = reread(str(why), written(why))
    assert again == why == "R1: it refuses its order: the ramp is too steep"
    assert isinstance(again, Reason) and coded(again) == coded(why)
    assert coded(deepcopy(why)) == coded(why)


def test_what_was_kept_without_a_code_or_with_an_older_one_stays_as_it_was_said() -> None:
    assert reread("in my own words", "") == "in my own words"
    assert reread("older words", json.dumps({"code": "of-1890", "params": {}})) == "older words"


def test_several_reasons_are_one() -> None:
    both = joined([because("place"), because("paused")])
    assert both == "it does not know where it is: say where it is; it was paused at the robot"
    assert joined([]) == "" and joined([because("place")]) == because("place")

"""What devices measure and say of themselves, the board has words for, in both languages."""

import re
from pathlib import Path

import pytest

from devices.model.metrics import METRICS
from devices.model.observation import NoValue, Quality

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "screen/words", ROOT / "controller/web/public/words")
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def words(language: str, kind: str) -> set[str]:
    """The names of one kind (`metric`, `status`, ...) that have words."""
    texts = [path for folder in FOLDERS for path in folder.glob(f"*{language}.js")]
    found = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    return set(re.findall(rf'"{kind}\.([\w-]+)": "[^"]+"', found))


@LANGUAGES
def test_every_metric_has_a_name(language: str) -> None:
    assert set(METRICS) - words(language, "metric") == set()


@LANGUAGES
def test_every_reason_for_no_value_and_every_quality_has_words(language: str) -> None:
    assert {reason.name.lower().replace("_", "-") for reason in NoValue} - words(language, "reason") == set()
    qualities = {str(flag.name).lower().replace("_", "-") for flag in Quality if flag}
    assert qualities - words(language, "quality") == set()


@pytest.mark.parametrize("kind", ["metric", "status", "reason", "quality", "device", "results"])
def test_both_languages_have_words_for_the_same(kind: str) -> None:
    assert words("en", kind) == words("zh", kind) != set()

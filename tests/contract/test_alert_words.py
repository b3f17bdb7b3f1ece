"""What a gateway or the controller raises, the board has words for, in both languages."""

import re
from pathlib import Path

import pytest

from controller.announce import BROKER_FAILS, CLOCK_WRONG, STORE_FAILS
from devices.model.alarm_limits import CONDITIONS
from gateway.alarms.technical import TECHNICAL

WORDS = Path(__file__).parents[2] / "screen" / "words"
CODES = {*CONDITIONS, *TECHNICAL, BROKER_FAILS, CLOCK_WRONG, STORE_FAILS}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_alert_has_words(language: str) -> None:
    text = (WORDS / f"shown-{language}.js").read_text(encoding="utf-8")
    assert set(re.findall(r'"alert\.([a-z0-9-]+)": "[^"]+"', text)) == CODES

"""What a gateway or the controller raises, the board has words for, in both languages."""

import re
from pathlib import Path

import pytest

from controller.announce import BROKER_FAILS, CLOCK_WRONG, STORE_FAILS
from gateway.alarms.limits import CONDITIONS
from gateway.alarms.technical import (
    CERTIFICATE_ENDS,
    CLOCK_UNSET,
    DAMAGED,
    DEVICE_FAULT,
    DEVICE_LOST,
    ORDER_REFUSED,
    QUALITY_REFUSED,
    SENSOR_OFF,
    SHEDDING,
    UPDATE_FAILED,
)

WORDS = Path(__file__).parents[2] / "controller" / "web" / "public" / "words"
CODES = {
    *CONDITIONS,
    *(CLOCK_WRONG, STORE_FAILS, CLOCK_UNSET, DAMAGED, DEVICE_FAULT, DEVICE_LOST, SENSOR_OFF, SHEDDING),
    *(BROKER_FAILS, CERTIFICATE_ENDS, ORDER_REFUSED, QUALITY_REFUSED, UPDATE_FAILED),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_alert_has_words(language: str) -> None:
    text = (WORDS / f"{language}.js").read_text(encoding="utf-8")
    assert set(re.findall(r'"alert\.([a-z0-9-]+)": "[^"]+"', text)) == CODES

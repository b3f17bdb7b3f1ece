"""The plug-in that checks laboratory results.

It is given JSON: {"result": RESULT, "others": [RESULT, …]}, each {"loinc", "value", "unit", "specimen",
"comment", "at_s"}, as analysers tell them (devices/codecs/lab_result.py); others are of the same patient,
before it.
"""

import json
import re
from typing import Any, Final

from controller.imaging.plugins.laboratory.checks import NAME, VERSION, Value, check
from controller.imaging.plugins.laboratory.limits import limits_of
from controller.imaging.plugins.model import Finding, Given
from controller.imaging.plugins.plugin import BadGiven

KIND: Final = "lab-result"
_NUMBER: Final = re.compile(r"[<>]?\s*([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
"""A number, also one beside a limit of the instrument: >25 is at least 25, which is what a check needs."""


class LaboratoryChecks:
    """See the module."""

    name = NAME
    version = VERSION

    def takes(self, kind: str) -> bool:
        """Laboratory results."""
        return kind == KIND

    def run(self, given: Given) -> list[Finding]:
        """Nothing for what has no number, or none in a unit that is known. Raises BadGiven."""
        try:
            told = json.loads(given.content)
            result = _value(told["result"])
            others = [value for one in told["others"] if (value := _value(one)) is not None]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadGiven(f"expected a result and those before it in JSON: {error}") from error
        return [] if result is None else list(check(result, others))


def _value(told: dict[str, Any]) -> Value | None:
    limits = limits_of(told["loinc"])
    number = _NUMBER.fullmatch(told["value"].strip())
    if limits is None or number is None:
        return None
    value = limits.in_unit(float(number[1]), told["unit"])
    if value is None:
        return None
    return Value(
        limits, told["loinc"], value, float(told["at_s"]) / 3600, told["specimen"], told.get("comment", "")
    )

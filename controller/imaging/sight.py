"""Whose images one may see. It is part of each query, so that a page of results neither leaks nor lies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """`patients`: their identifiers; None: everybody's. `held`: studies whose patient is in doubt, too."""

    patients: frozenset[str] | None = frozenset()
    held: bool = False

    def shows(self, patient_id: str, held: str) -> bool:
        """Whether a study of this patient is seen; `held` is the study's column of that name."""
        return (self.patients is None or patient_id in self.patients) and (self.held or not held)


CLAUSE = """(:held OR study.held = '')
AND (:patients IS NULL OR study.patient_id IN (SELECT value FROM json_each(:patients)))"""
"""For WHERE, beside `parameters`: the same as Sight.shows."""

WHOLE = Sight(None, held=True)


def parameters(sight: Sight) -> Mapping[str, str | int | None]:
    """What CLAUSE asks for."""
    patients = None if sight.patients is None else json.dumps(sorted(sight.patients))
    return {"held": int(sight.held), "patients": patients}

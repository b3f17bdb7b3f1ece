"""A small simulated cohort, and what is trained on it: made once for a process, in a second or two."""

from functools import cache
from pathlib import Path

from controller.models.cohort import Cohort
from controller.models.training import Asked, Trained, train
from hil.courses import Settings, simulated

DATE = "2026-11-27"
ASKED = Asked(resamples=30)


@cache
def cohort() -> Cohort:
    """More of them have an event than in a hospital: there is something to learn with few people."""
    return simulated(Settings(patients=150, seed=5, event_share=0.35, days=60))


@cache
def trained() -> Trained:
    """A model of that."""
    return train(cohort(), ASKED, DATE)


def model_file(folder: Path) -> Path:
    """Its file."""
    path = folder / "model.json"
    path.write_text(trained().model.text, encoding="utf-8")
    return path

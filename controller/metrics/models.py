"""Families of the model that is shown beside NEWS2: what the last check for drift found."""

from pathlib import Path

from controller.clock import utc_of
from controller.errors import ModelError
from controller.metrics.families import Metric, Values, gauge
from controller.models.drift import Drift, kept

_CHECKED = "When it was last checked for drift, UTC; 0: never, or not this version"


def models(data: Path, version: str) -> list[Metric]:
    """Of the model of this version; what was not found has no sample."""
    found = _kept(data)
    if found is not None and found.version != version:
        found = None
    psi: Values = {(name,): value for name, value in found.psi.items()} if found else {}
    large: Values = {(): found.large} if found and found.large is not None else {}
    checked = utc_of(found.checked) / 1e6 if found else 0
    return [
        gauge("model_checked_timestamp_seconds", _CHECKED, checked),
        gauge("model_checked_moments", "Moments that the last check was of", found.moments if found else 0),
        gauge("model_stability_index", "Population stability index; 0: as trained", psi, ["feature"]),
        gauge("model_calibration_in_the_large", "Intercept of the calibration; 0: as predicted", large),
    ]


def _kept(data: Path) -> Drift | None:
    """None, too: it cannot be read, which counts as not checked."""
    try:
        return kept(data)
    except ModelError:
        return None

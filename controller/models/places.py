"""Where the check for drift finds what it needs, by the configuration."""

from pathlib import Path

from controller.config import Config
from controller.lake.extra import folder_of
from controller.models.checking import Places
from controller.models.section import CHECK_DAYS


def places_of(config: Config, model: Path, events: Path | None = None) -> Places:
    """Of this model; `events` in place of the configured file."""
    section = config.models
    listed, days = (section.events, section.check_days) if section else (None, CHECK_DAYS)
    return Places(config.data, folder_of(config), model, days, events or listed)

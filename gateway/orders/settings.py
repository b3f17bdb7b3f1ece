"""What a configuration from afar changes of the gateway's own: it goes before what the file says."""

import logging

from devices.model.orders import DSCP, JOURNAL_QUOTA_MB, LOG_LEVEL, Arguments
from devices.wire.topics import LANES
from gateway.config import Config


def with_settings(config: Config, settings: Arguments) -> Config:
    """`config` with `settings`, which were checked, in place of what it says of the same."""
    lanes, journal = config.controller.lanes, config.journal
    marks = {lane: settings[DSCP + lane] for lane in LANES if DSCP + lane in settings}
    marked = {lane: getattr(lanes, lane).model_copy(update={"dscp": dscp}) for lane, dscp in marks.items()}
    controller = config.controller.model_copy(update={"lanes": lanes.model_copy(update=marked)})
    if JOURNAL_QUOTA_MB in settings:
        journal = journal.model_copy(update={"quota_mb": settings[JOURNAL_QUOTA_MB]})
    return config.model_copy(update={"controller": controller, "journal": journal})


class LogLevel:
    """How much the log says: as it was when this was made, unless somebody asks for another level."""

    def __init__(self) -> None:
        self._usual = logging.getLogger().level

    def configure(self, settings: Arguments) -> None:
        """As `settings` say, or as it was."""
        logging.getLogger().setLevel(str(settings.get(LOG_LEVEL, "")).upper() or self._usual)

    def set(self, level: str) -> None:
        """One of `devices.model.orders.LEVELS`."""
        logging.getLogger().setLevel(level.upper())

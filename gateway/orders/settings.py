"""What a configuration from afar changes of the gateway's own: it goes before what the file says."""

import logging

from pydantic import ValidationError

from devices.errors import BadOrder
from devices.model.orders import DSCP, JOURNAL_QUOTA_MB, LOG_LEVEL, Arguments, check_settings
from devices.model.served import Served, served
from devices.profiles import SerialLink, TcpLink, profile
from devices.wire.topics import LANES
from gateway.config import Config, DeviceConfig


def with_settings(config: Config, settings: Arguments) -> Config:
    """`config` with `settings`, which were checked, in place of what it says of the same."""
    lanes, journal = config.controller.lanes, config.journal
    marks = {lane: settings[DSCP + lane] for lane in LANES if DSCP + lane in settings}
    marked = {lane: getattr(lanes, lane).model_copy(update={"dscp": dscp}) for lane, dscp in marks.items()}
    controller = config.controller.model_copy(update={"lanes": lanes.model_copy(update=marked)})
    if JOURNAL_QUOTA_MB in settings:
        journal = journal.model_copy(update={"quota_mb": settings[JOURNAL_QUOTA_MB]})
    return config.model_copy(update={"controller": controller, "journal": journal})


def quota(config: Config) -> int:
    """Of the journal, in bytes."""
    return int(config.journal.quota_mb * 1_000_000)


def check(settings: Arguments) -> None:
    """Whether this gateway can do all that `settings` say. Raises BadOrder."""
    check_settings(settings)
    added_devices(settings)


def added_devices(settings: Arguments) -> tuple[DeviceConfig, ...]:
    """The devices that `settings` add. Raises BadOrder: one that is wrong, and none is added."""
    return tuple(map(_configured, served(settings)))


def _configured(one: Served) -> DeviceConfig:
    entry = {"id": one.id, "profile": one.profile, **({"bed": one.bed} if one.bed else {})}
    try:
        # Which of the two it is the profile tells; that there is such a profile the model checks.
        named = DeviceConfig.model_validate({**entry, "address": one.where, "port": one.where})
    except ValidationError as error:
        raise BadOrder("settings", f"{one.name}: {error.errors(include_url=False)[0]['msg']}") from error
    link = profile(named.profile).link
    if isinstance(link, TcpLink) and link.listens:
        remedy = "put it into the gateway's own file, with its `peer`"
        raise BadOrder("settings", f"{one.name}: it would open a door for {one.profile}: {remedy}")
    return named.model_copy(update={"address" if isinstance(link, SerialLink) else "port": None})


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

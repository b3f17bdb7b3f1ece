"""The model of early warning inside the application: there if `[models]` is configured."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from controller.api.context import CONTEXT
from controller.config import Config
from controller.errors import ConfigError, ModelError
from controller.kept import kept
from controller.models.checking import Checks
from controller.models.model import Model, load
from controller.models.places import places_of
from controller.models.scoring import Scoring
from controller.shards.duty import only


@dataclass(frozen=True, slots=True)
class Served:
    """What is shown; `checks` None: without a lake nothing is checked at night."""

    model: Model
    scoring: Scoring
    checks: Checks | None


MODELS = web.AppKey("models", Served)


def add_models(app: web.Application, config: Config) -> None:
    """As configured; without the section there is none. Raises ConfigError: the file cannot be used."""
    section = config.models
    if section is None:
        return
    try:
        model = load(section.file)
    except ModelError as error:
        raise ConfigError(f"[models] file: {error}") from error
    parts = app[CONTEXT]
    scoring = Scoring(model, parts.store, parts.hub, parts.clock, config.history.rollup_days)
    places = places_of(config, section.file)
    checks = Checks(places, model.version, section.at, parts.clock) if config.lake else None
    app[MODELS] = Served(model, scoring, checks)
    app.cleanup_ctx.append(_scoring)


async def _scoring(app: web.Application) -> AsyncIterator[None]:
    served = app[MODELS]
    async with kept("model", only(app, served.scoring.run)):
        if served.checks is None:
            yield
            return
        async with kept("model check", only(app, served.checks.run)):
            yield

"""Parts of the application that are there only where the configuration has their section."""

from aiohttp import web

from controller.api.cds_context import add_cds
from controller.api.cohorts import COHORTS
from controller.api.models_context import add_models
from controller.api.objects_context import add_objects
from controller.config import Config
from controller.lake.cohorts.beside import Asker
from controller.lake.extra import folder_of


def add_configured(app: web.Application, config: Config) -> None:
    """After `make_app`. Raises ConfigError: a file that a section names cannot be used."""
    add_cds(app, config.cds)
    add_models(app, config)
    app[COHORTS] = Asker(folder_of(config))
    add_objects(app, config)

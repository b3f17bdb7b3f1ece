"""The plug-ins that are installed."""

from typing import Final

from controller.imaging.plugins.ecg.screening import EcgScreening
from controller.imaging.plugins.laboratory.screening import LaboratoryChecks
from controller.imaging.plugins.plugin import Plugin

PLUGINS: Final[dict[str, Plugin]] = {one.name: one for one in (EcgScreening(), LaboratoryChecks())}
"""By name."""

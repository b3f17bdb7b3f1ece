"""`python -m controller.imaging SETTINGS.json`: the imaging service, which the controller starts."""

import asyncio
import logging
import sys
import warnings
from pathlib import Path

from controller.imaging.service import run
from controller.imaging.settings import ServiceSettings


def main() -> None:
    """Read the settings and serve until told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # pydicom's warnings quote what a file says, and that may be a patient's name.
    warnings.filterwarnings("ignore", module="pydicom")
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    asyncio.run(run(ServiceSettings.model_validate_json(text)))


main()

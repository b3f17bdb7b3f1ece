"""The extra `data`: what the lake needs beside the controller, and what to do where it is not installed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from controller.config import Config
from controller.errors import ConfigError, ControllerError, LakeError

PACKAGES = ("duckdb", "pyarrow")
_BEGIN = "./run lake"
_REMEDY = "pip install 'wardlink[data]', or begin with `{}`"


@contextmanager
def needed(
    more: Sequence[str] = (), begin: str = _BEGIN, raises: type[ControllerError] = LakeError
) -> Iterator[None]:
    """Import inside what needs them, and `more` of the same extra. Raises `raises`: says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in (*PACKAGES, *more):
            raise
        raise raises(f"this needs {missing}: {_REMEDY.format(begin)}") from None


def check_installed() -> None:
    """Raises ConfigError: `[lake]` asks for what is not there."""
    missing = [one for one in PACKAGES if find_spec(one) is None]
    if missing:
        remedy = f"{_REMEDY.format(_BEGIN)}, or take the section out"
        raise ConfigError(f"[lake] needs {' and '.join(missing)}: {remedy}")


def folder_of(config: Config) -> Path:
    """Where the lake is."""
    chosen = config.lake and config.lake.folder
    return chosen or config.data / "lake"

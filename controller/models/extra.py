"""The extra `data`: what training and the lake need beside the controller, which scores without it."""

from collections.abc import Iterator
from contextlib import contextmanager

from controller.errors import ModelError

PACKAGES = ("sklearn", "scipy", "threadpoolctl", "duckdb", "pyarrow")


@contextmanager
def needed() -> Iterator[None]:
    """Import inside what needs them. Raises ModelError: says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in PACKAGES:
            raise
        remedy = "pip install 'wardlink[data]', or begin with `./run model`"
        raise ModelError(f"this needs {missing}: {remedy}") from None

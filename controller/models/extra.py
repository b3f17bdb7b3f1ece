"""What training needs beside the lake's packages; the controller scores without any of them."""

from contextlib import AbstractContextManager

from controller.errors import ModelError
from controller.lake import extra

PACKAGES = ("sklearn", "scipy", "threadpoolctl")


def needed() -> AbstractContextManager[None]:
    """Import inside what needs them. Raises ModelError: says what to install."""
    return extra.needed(PACKAGES, "./run model", ModelError)

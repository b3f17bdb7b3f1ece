"""`[cluster]`: whether this controller is one of several."""

from typing import Annotated

from pydantic import AfterValidator

from controller.sections import Section, origin


class ClusterSection(Section):
    """`replicas`: others like it work on the same database (docs/scale.md)."""

    replicas: bool = False
    address: Annotated[str, AfterValidator(origin)] | None = None
    """Where the other controllers reach the pages of this one; None: where it listens, by the host's name."""

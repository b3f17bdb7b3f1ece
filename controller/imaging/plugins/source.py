"""Where things to look at come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from controller.imaging.plugins.model import Finding
from controller.imaging.plugins.plugin import Plugin
from controller.imaging.plugins.queue import Job, New


@dataclass(frozen=True, slots=True)
class Content:
    """What a plug-in is to look at, of whom, and of when."""

    data: bytes
    patient: str = ""
    bed: str = ""
    at_us: int = 0
    """On the controller's time scale; 0: unknown."""


class Source(Protocol):
    """A place with new things in an order that never changes."""

    @property
    def name(self) -> str:
        """As the queue's marks have it."""
        ...

    async def new(self, after: int | None) -> tuple[int, Sequence[New]]:
        """What came after the mark `after` (None: it was never read), and the next mark.

        Raises ServiceSilent, StoreError: ask again later.
        """
        ...

    async def content(self, job: Job) -> Content:
        """Raises ServiceSilent, StoreError: later; GoneMeanwhile: never."""
        ...

    async def tell(self, job: Job, findings: Sequence[Finding], report: bytes) -> None:
        """Bring findings to where they are looked for; twice is once. Raises as `content`."""
        ...


def for_plugins(plugins: Iterable[Plugin], kind: str, subject: dict[str, Any]) -> list[New]:
    """One for each plug-in that looks at such things."""
    return [New(one.name, one.version, kind, subject) for one in plugins if one.takes(kind)]

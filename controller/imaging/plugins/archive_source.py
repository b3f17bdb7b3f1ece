"""What is new in the archive of images, asked for by its inner door; findings go there as reports."""

from collections.abc import Sequence
from typing import Any, Final

from controller.imaging.client import ImagingClient
from controller.imaging.errors import GoneMeanwhile, ServiceRefused, ServiceSilent
from controller.imaging.plugins.model import Finding
from controller.imaging.plugins.plugin import Plugin
from controller.imaging.plugins.queue import Job, New
from controller.imaging.plugins.source import Content, for_plugins
from controller.imaging.sight import WHOLE
from controller.imaging.speaker import Speaker

LARGEST: Final = 64 << 20
"""Bytes of a file that is looked at."""
_READ_WRITE: Final = frozenset({"imaging:read", "imaging:write"})


class ArchiveSource:
    """Instances in the order in which they were stored."""

    name = "archive"

    def __init__(self, client: ImagingClient, plugins: Sequence[Plugin]) -> None:
        self._client = client
        self._plugins = plugins
        self._speaker = Speaker("plugins", "", _READ_WRITE, WHOLE)

    async def new(self, after: int | None) -> tuple[int, list[New]]:
        """See Source.new. When it was never read, what is there already is looked at, too."""
        told = await self._json("/manage/newest", {"after": str(after or 0)})
        new = [job for one in told["instances"] for job in for_plugins(self._plugins, one.pop("class"), one)]
        return int(told["last"]), new

    async def content(self, job: Job) -> Content:
        """See Source.content."""
        where = job.subject
        path = f"/dicom-web/studies/{where['study']}/series/{where['series']}/instances/{where['instance']}"
        study = await self._study(where["study"])
        data = bytearray()
        try:
            headers = {"Accept": "application/dicom; transfer-syntax=*"}
            async with self._client.request(_of(job), "GET", path, headers=headers) as answer:
                async for chunk in answer.content.iter_any():
                    data += chunk
                    if len(data) > LARGEST:
                        raise GoneMeanwhile(f"the file has more than {LARGEST} bytes")
        except ServiceRefused as error:
            raise _judged(error) from error
        return Content(bytes(data), study["patient"]["identifier"] or "")

    async def tell(self, job: Job, findings: Sequence[Finding], report: bytes) -> None:
        """The report into the study, and the study to where it belongs on the worklist: never less urgent."""
        if not findings:
            return
        uid, speaker = job.subject["study"], _of(job)
        try:
            headers = {"Content-Type": "application/dicom", "Accept": "application/dicom+json"}
            path = f"/dicom-web/studies/{uid}"
            async with self._client.request(speaker, "POST", path, headers=headers, data=report) as answer:
                await answer.read()
            urgency = max(one.urgency for one in findings)
            if urgency > (await self._study(uid))["urgency"]:
                path, body = f"/manage/studies/{uid}/urgency", {"urgency": urgency}
                await self._client.json(speaker, "PUT", path, body=body)
        except ServiceRefused as error:
            raise _judged(error) from error

    async def _study(self, uid: str) -> dict[str, Any]:
        told = await self._json("/manage/studies", {"study": uid})
        if not told["studies"]:
            raise GoneMeanwhile("the study is not there any more")
        return told["studies"][0]

    async def _json(self, path: str, query: dict[str, str]) -> Any:
        try:
            return await self._client.json(self._speaker, "GET", path, params=query)
        except ServiceRefused as error:
            raise _judged(error) from error


def _of(job: Job) -> Speaker:
    return Speaker(f"plugin:{job.plugin}", "", _READ_WRITE, WHOLE)


def _judged(error: ServiceRefused) -> GoneMeanwhile | ServiceSilent:
    """What the archive cannot do now it may do later; what it does not want to do it never will."""
    told = f"the archive refused: {error.status} {error.code}"
    return ServiceSilent(told) if error.status >= 500 else GoneMeanwhile(told)

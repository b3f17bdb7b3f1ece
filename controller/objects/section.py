"""`[objects]` of the configuration: one bucket for images and recordings, each under a prefix of its own."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from controller.objects.settings import Access, Reached
from controller.sections import ImagingSection, TelemedicineSection

IMAGES, RECORDINGS = "images", "recordings"


class ObjectsSection(Reached):
    """See docs/objects.md."""

    url: Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?$")]
    """s3://BUCKET or s3://BUCKET/PREFIX."""

    @model_validator(mode="after")
    def _prefix_is_plain(self) -> Self:
        if ".." in self.url.split("/"):
            raise ValueError("expected a prefix without ..")
        return self

    def place(self, kind: str) -> Access:
        """Where objects of this kind are."""
        bucket, _, prefix = self.url.removeprefix("s3://").partition("/")
        under = "/".join(filter(None, (prefix.strip("/"), kind)))
        return Access(bucket=bucket, prefix=under, **self.model_dump(exclude={"url"}))


def with_images(section: ImagingSection | None, objects: ObjectsSection | None) -> ImagingSection | None:
    """`[imaging]`, with its place in the bucket unless it names one of its own."""
    if section is None or objects is None or section.objects is not None:
        return section
    return section.model_copy(update={"objects": objects.place(IMAGES)})


def with_recordings(
    section: TelemedicineSection | None, objects: ObjectsSection | None
) -> TelemedicineSection | None:
    """`[telemedicine]` likewise: recordings are there without it, too."""
    if objects is None or (section is not None and section.objects is not None):
        return section
    held = section or TelemedicineSection(sfu="off")  # as without the section
    return held.model_copy(update={"objects": objects.place(RECORDINGS)})

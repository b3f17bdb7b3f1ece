"""What answers about a patient's images look like."""

from pydantic import Field

from controller.api.schemas import Shape

Point = tuple[float, float]


class PatientSeries(Shape):
    """A series with images."""

    series: str = Field(description="Series Instance UID")
    modality: str
    number: int | None
    description: str
    images: int
    instance: str = Field(description="SOP Instance UID of the image that stands for it, the middle one")
    frame: int = Field(ge=1, description="of that image")


class PatientStudy(Shape):
    """A study. Texts are as its files say; dates YYYYMMDD, times HHMMSS, as far as they are known."""

    study: str = Field(description="Study Instance UID")
    date: str
    time: str
    description: str
    modalities: list[str]
    instances: int
    changed_ms: int = Field(description="when something last came to it")
    series: list[PatientSeries]


class PatientStudies(Shape):
    """The newest first."""

    studies: list[PatientStudy]


class Scale(Shape):
    """Where lengths are known, and by what."""

    basis: str = Field(description="pixel-spacing, detector, region, none")
    areas: list[tuple[float, float, float, float, float, float]] = Field(
        description="left, top, right, bottom in pixels; the width and the height of a pixel, mm"
    )


class ImageTold(Shape):
    """An image, before its picture is asked for."""

    instance: str = Field(description="SOP Instance UID")
    number: int | None
    frames: int
    frame_ms: float | None = Field(description="how long a frame lasts; null: it does not say")
    rows: int
    columns: int
    window: Point | None = Field(description="centre and width to begin with; null: it is in colour")
    aspect: float = Field(description="a pixel's height by its width")
    scale: Scale


class SeriesImages(Shape):
    """The images of a series, in order."""

    images: list[ImageTold]


class Target(Shape):
    """An image that something is drawn on."""

    instance: str
    frames: list[int] = Field(description="none: all of them")


class LineTold(Shape):
    """A polyline in pixels of the image; with one point, a dot."""

    on: list[Target]
    points: list[Point]
    closed: bool


class WordsTold(Shape):
    """Words at a place in pixels of the image."""

    on: list[Target]
    at: Point
    text: str


class StateTold(Shape):
    """A presentation state: what somebody drew."""

    instance: str
    by: str
    made: str = Field(description="YYYYMMDDHHMMSS, as far as it is known")
    zone: str = Field(description="+HHMM, or empty")
    label: str
    on: list[Target]
    window: Point | None
    lines: list[LineTold]
    words: list[WordsTold]
    left_out: int = Field(description="marks that cannot be drawn on pixels")


class StudyStates(Shape):
    """The oldest first."""

    states: list[StateTold]

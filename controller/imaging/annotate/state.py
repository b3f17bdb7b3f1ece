"""Makes a presentation state of what was drawn: Grayscale (PS3.3, A.33.1), of a colour image Color (A.33.2).

Each is an instance of its own in the image's study; nothing that is there is changed. Arrows are polylines
and lengths are written beside their line, so that every viewer that knows presentation states shows them.
What several people drew (in a conference) is one layer for each of them, described by their name (C.10.7).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import atan2, cos, hypot, sin
from uuid import UUID, uuid5

from PIL import ImageCms
from pydicom import DataElement, Dataset, config, dcmwrite
from pydicom.datadict import dictionary_VR
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    ColorSoftcopyPresentationStateStorage,
    ExplicitVRLittleEndian,
    GrayscaleSoftcopyPresentationStateStorage,
)

from controller.clock import utc_text
from controller.imaging.annotate.data import Item, first, name, number, numbers, text, texts
from controller.imaging.annotate.marks import Arrow, Drawing, Length, Mark, Stroke, Text
from controller.imaging.annotate.scale import Basis, Point, Scale, scale
from controller.imaging.errors import BadDrawing

LAYER, LABEL = "WARDLINK", "WARDLINK"
IMPLEMENTATION = "2.25.301736447183650216347259412807113"
SERIES_NUMBER = 9001
_SERIES = UUID("0b6fb4b6-6b5e-4c68-8c0e-0a2e2a8a4a71")
"""Names the one series of a study that holds what was drawn here."""
_OF_STUDY = (
    "00080020", "00080030", "00080050", "00081030", "00100020", "00100021", "00100030", "00100040",
    "00101010", "00200010",
)  # fmt: skip
"""Elements of patient and study that are those of the image; the names of people are beside these."""
_EMPTY_IF_UNKNOWN = ("00080020", "00080030", "00080050", "00080090", "00100010", "00100020", "00100030",
                     "00100040", "00200010")  # fmt: skip
"""Of type 2 (PS3.5, 7.4.3)."""
_NAMES = ("00080090", "00100010")
_BARB, _OPEN = 0.2, 0.4
"""Of an arrow's head: its length by the arrow's, and half its angle in radians."""
_LEAST_BARB, _MOST_BARB = 0.01, 0.04
"""Of the image's larger side."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who drew it, when, and what the instance is called."""

    name: str
    utc_us: int
    instance: str
    """SOP Instance UID."""
    number: int
    """Instance Number: the first is 1."""


def build(image: Item, drawing: Drawing, maker: Maker) -> bytes:
    """A presentation state as a file. `image`: the DICOM JSON of the data set that was drawn on.

    Raises BadDrawing: a mark or the frame is not in the image.
    """
    _check(image, drawing)
    grey = text(image, "00280004").startswith("MONOCHROME")
    kind = GrayscaleSoftcopyPresentationStateStorage if grey else ColorSoftcopyPresentationStateStorage
    data = _patient_and_study(image)
    data.SOPClassUID, data.SOPInstanceUID = kind, maker.instance
    _series_and_state(data, text(image, "0020000D"), maker)
    data.ContentDescription = drawing.label
    data.ReferencedSeriesSequence = [_series_of(image, drawing)]
    data.DisplayedAreaSelectionSequence = [_area(image)]
    layers = {who: n for n, who in enumerate(dict.fromkeys(mark.by for mark in drawing.marks), 1)}
    data.GraphicLayerSequence = [_layer(who, n) for who, n in layers.items()]
    data.GraphicAnnotationSequence = [_annotation(image, drawing, who, n) for who, n in layers.items()]
    if grey:
        _grey(data, image, drawing)
    else:
        data.ICCProfile = _srgb()
    return _file(data)


def series_uid(study: str) -> str:
    """The UID of the series that holds what was drawn in `study` (PS3.5, B.2)."""
    return f"2.25.{uuid5(_SERIES, study).int}"


def _check(image: Item, drawing: Drawing) -> None:
    frames = int(number(image, "00280008", 1))
    columns, rows = number(image, "00280011", 0), number(image, "00280010", 0)
    if drawing.frame > frames:
        raise BadDrawing(f"expected a frame of 1 to {frames}, got {drawing.frame}: draw on one that is there")
    for mark in drawing.marks:
        for x, y in _points(mark):
            if x > columns or y > rows:
                raise BadDrawing(f"expected points within {columns:.0f} × {rows:.0f} pixels, got ({x}, {y})")


def _points(mark: Mark) -> Sequence[Point]:
    if isinstance(mark, Stroke):
        return mark.points
    return [mark.at] if isinstance(mark, Text) else [mark.begin, mark.end]


def _patient_and_study(image: Item) -> Dataset:
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.StudyInstanceUID = text(image, "0020000D")
    for tag in (*_OF_STUDY, *_NAMES):
        value: str | list[str] = name(image, tag) if tag in _NAMES else texts(image, tag)
        if value or tag in _EMPTY_IF_UNKNOWN:
            # As it is, valid or not: all instances of a study say the same.
            vr = dictionary_VR(Tag(tag))
            data.add(DataElement(Tag(tag), vr, value or "", validation_mode=config.IGNORE))
    return data


def _series_and_state(data: Dataset, study: str, maker: Maker) -> None:
    at = utc_text(maker.utc_us)
    date, time = at[:10].replace("-", ""), at[11:26].replace(":", "")
    data.Modality, data.Manufacturer = "PR", "Wardlink"
    data.SeriesInstanceUID, data.SeriesNumber = series_uid(study), SERIES_NUMBER
    data.SeriesDescription = "Wardlink: drawn on the images"
    data.InstanceCreationDate, data.InstanceCreationTime = date, time
    data.PresentationCreationDate, data.PresentationCreationTime = date, time
    data.TimezoneOffsetFromUTC = "+0000"
    data.InstanceNumber, data.ContentLabel = maker.number, LABEL
    data.ContentCreatorName = maker.name


def _series_of(image: Item, drawing: Drawing) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = text(image, "0020000E")
    series.ReferencedImageSequence = [_image(image, drawing)]
    return series


def _image(image: Item, drawing: Drawing) -> Dataset:
    one = Dataset()
    one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = text(image, "00080016"), text(image, "00080018")
    if number(image, "00280008", 1) > 1:
        one.ReferencedFrameNumber = drawing.frame
    return one


def _area(image: Item) -> Dataset:
    """All of the image (C.10.4); its corners are pixels counted from 1."""
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner = [1, 1]
    area.DisplayedAreaBottomRightHandCorner = [
        int(number(image, "00280011", 1)), int(number(image, "00280010", 1))
    ]  # fmt: skip
    area.PresentationSizeMode = "SCALE TO FIT"
    known = scale(image)
    if known.basis in (Basis.PIXEL_SPACING, Basis.DETECTOR):
        size = known.areas[0]
        area.PresentationPixelSpacing = [f"{one:.10g}" for one in (size.y_mm, size.x_mm)]
    else:
        ratio = [int(one) for one in numbers(image, "00280034")]
        area.PresentationPixelAspectRatio = ratio if len(ratio) == 2 and min(ratio) > 0 else [1, 1]
    return area


def _layer(who: str, number: int) -> Dataset:
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = _layer_name(number), number
    if who:
        layer.GraphicLayerDescription = who
    return layer


def _layer_name(number: int) -> str:
    return LAYER if number == 1 else f"{LAYER}_{number}"


def _annotation(image: Item, drawing: Drawing, who: str, layer: int) -> Dataset:
    known, marks = scale(image), [mark for mark in drawing.marks if mark.by == who]
    side = max(number(image, "00280011", 1), number(image, "00280010", 1))
    lines = [_line(_polyline(mark, side)) for mark in marks if not isinstance(mark, Text)]
    words = [_words(*found) for mark in marks if (found := _written(mark, known))]
    annotation = Dataset()
    annotation.ReferencedImageSequence = [_image(image, drawing)]
    annotation.GraphicLayer = _layer_name(layer)
    if lines:
        annotation.GraphicObjectSequence = lines
    if words:
        annotation.TextObjectSequence = words
    return annotation


def _polyline(mark: Arrow | Length | Stroke, side: float) -> Sequence[Point]:
    if isinstance(mark, Stroke):
        return mark.points
    return [mark.begin, mark.end] if isinstance(mark, Length) else arrow(mark.begin, mark.end, side)


def arrow(begin: Point, end: Point, side: float) -> list[Point]:
    """An arrow in one stroke: shaft, a barb, the tip again, the other barb. `side`: the image's larger."""
    along, length = atan2(end[1] - begin[1], end[0] - begin[0]), hypot(end[0] - begin[0], end[1] - begin[1])
    barb = min(max(length * _BARB, side * _LEAST_BARB), side * _MOST_BARB)
    turned = (along + _OPEN, along - _OPEN)
    one, other = ((end[0] - barb * cos(angle), end[1] - barb * sin(angle)) for angle in turned)
    return [begin, end, one, end, other]


def _written(mark: Mark, known: Scale) -> tuple[str, Point] | None:
    if isinstance(mark, Text):
        return mark.text, mark.at
    return (known.words(mark.begin, mark.end), mark.end) if isinstance(mark, Length) else None


def _line(points: Sequence[Point]) -> Dataset:
    line = Dataset()
    line.GraphicAnnotationUnits, line.GraphicDimensions = "PIXEL", 2
    line.NumberOfGraphicPoints = len(points)
    line.GraphicData = [coordinate for point in points for coordinate in point]
    line.GraphicType, line.GraphicFilled = "POLYLINE", "N"
    return line


def _words(words: str, at: Point) -> Dataset:
    told = Dataset()
    told.AnchorPointAnnotationUnits, told.UnformattedTextValue = "PIXEL", words
    told.AnchorPoint, told.AnchorPointVisibility = list(at), "N"
    return told


def _grey(data: Dataset, image: Item, drawing: Drawing) -> None:
    """What shows the same grey: a state's own transformations stand instead of those of the image."""
    rescale = image if "00281053" in image else first(image, "52009229", "00289145")
    if "00281053" in rescale:
        data.RescaleIntercept = number(rescale, "00281052", 0)
        data.RescaleSlope = number(rescale, "00281053", 1)
        data.RescaleType = text(rescale, "00281054") or ("HU" if text(image, "00080060") == "CT" else "US")
    if drawing.window:
        window = Dataset()
        window.WindowCenter, window.WindowWidth = (f"{value:.10g}" for value in drawing.window)
        if drawing.window[1] < 1:
            window.VOILUTFunction = "LINEAR_EXACT"
        data.SoftcopyVOILUTSequence = [window]
    inverse = text(image, "00280004") == "MONOCHROME1"
    data.PresentationLUTShape = "INVERSE" if inverse else "IDENTITY"


@cache
def _srgb() -> bytes:
    """The profile of sRGB, as that of an input device (C.11.15.1.1.2)."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:12] + b"scnr" + profile[16:]


def _file(data: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, UID(IMPLEMENTATION)
    data.file_meta, data.preamble = meta, bytes(128)
    out = io.BytesIO()
    dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()

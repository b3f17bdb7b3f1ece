"""What the service says to a worker arrives as it was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.decode import syntaxes
from controller.imaging.decode.jobs import HEAD, Job, Work, read_job
from controller.imaging.decode.picture import Lut, Media, Picture, Rendering

INTEGERS = st.integers(-(2**31), 2**31)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
LUTS = st.builds(Lut, INTEGERS, INTEGERS, INTEGERS, st.text("ABC=", max_size=8), st.booleans())
PICTURES = st.builds(
    Picture,
    *(INTEGERS, INTEGERS, INTEGERS),
    st.sampled_from(["RGB", "MONOCHROME1"]),
    *(INTEGERS, INTEGERS, INTEGERS),
    *(st.booleans(), st.booleans(), INTEGERS),
    slope=FLOATS,
    windows=st.lists(st.tuples(FLOATS, FLOATS), max_size=2).map(tuple),
    modality_lut=st.none() | LUTS,
    voi_lut=st.none() | LUTS,
    palette=st.lists(LUTS, max_size=3).map(tuple),
    padding=st.none() | st.tuples(INTEGERS, INTEGERS),
)
RENDERINGS = st.builds(
    Rendering,
    st.sampled_from(Media),
    st.integers(1, 100),
    st.none() | st.tuples(FLOATS, FLOATS, st.sampled_from(["LINEAR", "SIGMOID"])),
    st.none() | st.tuples(INTEGERS, INTEGERS),
    st.none() | st.tuples(INTEGERS, INTEGERS, INTEGERS, INTEGERS),
)


@given(st.sampled_from(Work), st.binary(max_size=9), PICTURES, st.none() | RENDERINGS)
def test_a_job_arrives_as_it_was_said(
    work: Work, data: bytes, picture: Picture, how: Rendering | None
) -> None:
    job = Job(work, data, syntaxes.RLE, picture, how, target=syntaxes.EXPLICIT)
    head = job.head()
    kind, details, size = HEAD.unpack_from(head)
    assert size == len(data)
    assert details == len(head) - HEAD.size
    got = read_job(kind, head[HEAD.size :], data)
    assert (got.work, got.data, got.syntax, got.target) == (work, data, syntaxes.RLE, syntaxes.EXPLICIT)
    assert as_tuples(got) == as_tuples(job)


def as_tuples(job: Job) -> tuple[object, ...]:
    """JSON has lists where a job has tuples."""
    picture, how = job.picture, job.how
    assert picture
    windows = tuple(tuple(window) for window in picture.windows)
    luts = picture.modality_lut, picture.voi_lut, tuple(picture.palette)
    padding = picture.padding and tuple(picture.padding)
    seen = how and (
        how.media,
        how.quality,
        *(part and tuple(part) for part in (how.window, how.viewport, how.source)),
    )
    return picture.rows, picture.signed, picture.slope, picture.photometric, windows, luts, padding, seen


def test_a_job_without_a_picture_has_no_frame() -> None:
    with pytest.raises(ValueError, match="no frame"):
        _ = Job(Work.TRANSCODE, b"").frame

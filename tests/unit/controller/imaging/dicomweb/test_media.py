"""Which form a client is given, by what it accepts (PS3.18, 8.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.dicomweb.media import DICOM, Form, for_frames, for_instance, for_json, read_accept
from controller.imaging.errors import NotAcceptable

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
BASELINE, LOSSLESS, LS, J2K = (f"1.2.840.10008.1.2.4.{last}" for last in ("50", "70", "80", "90"))
VIDEO = "1.2.840.10008.1.2.4.102"
RELATED = 'multipart/related; type="application/dicom"'
OCTETS = 'multipart/related; type="application/octet-stream"'


def instance(accept: str, stored: str, *, alone: bool = True) -> Form:
    return for_instance(read_accept(accept), stored, alone=alone)


def frames(accept: str, stored: str, *, alone: bool = True) -> Form:
    return for_frames(read_accept(accept), stored, alone=alone)


@pytest.mark.parametrize(
    ("accept", "stored", "syntax"),
    [
        (RELATED, EXPLICIT, EXPLICIT),
        (RELATED, LOSSLESS, EXPLICIT),  # the default, when no transfer syntax is named
        (RELATED, BASELINE, BASELINE),  # but what is lossy stays as it is,
        (RELATED, VIDEO, VIDEO),  # and what nobody here decodes
        (f"{RELATED}; transfer-syntax=*", LOSSLESS, LOSSLESS),
        (f"{RELATED}; transfer-syntax=*", IMPLICIT, EXPLICIT),  # implicit is not for the web,
        (f"{RELATED}; transfer-syntax=*", BIG, EXPLICIT),
        (f"{RELATED}; transfer-syntax={IMPLICIT}", EXPLICIT, IMPLICIT),  # unless by name
        (f"{RELATED}; transfer-syntax={LS}", EXPLICIT, LS),
        (f"{RELATED}; transfer-syntax={LS}", LS, LS),
        ("*/*", LOSSLESS, LOSSLESS),
        ("", LOSSLESS, LOSSLESS),
    ],
)
def test_an_instance_is_given_in_this_transfer_syntax(accept: str, stored: str, syntax: str) -> None:
    assert instance(accept, stored) == Form(DICOM, syntax, related=True)


def test_one_instance_alone_is_given_without_multipart_when_that_is_asked() -> None:
    assert not instance("application/dicom", EXPLICIT).related
    with pytest.raises(NotAcceptable):
        instance("application/dicom", EXPLICIT, alone=False)


def test_the_most_wanted_that_can_be_made_is_chosen() -> None:
    accept = f"{RELATED}; transfer-syntax={LS}; q=0.5, {RELATED}; transfer-syntax={J2K}; q=0.8"
    assert instance(accept, EXPLICIT).syntax == J2K
    unmakable = f"{RELATED}; transfer-syntax={VIDEO}, {RELATED}; transfer-syntax={LS}; q=0.1"
    assert instance(unmakable, EXPLICIT).syntax == LS


@pytest.mark.parametrize(
    ("accept", "stored"),
    [
        ("image/png", EXPLICIT),
        ("application/dicom+xml", EXPLICIT),
        (f"{RELATED}; q=0", EXPLICIT),
        (f"{RELATED}; transfer-syntax={VIDEO}", EXPLICIT),
        (f"{RELATED}; transfer-syntax={BASELINE}", EXPLICIT),  # would lose something: another instance
        (f"{RELATED}; transfer-syntax={EXPLICIT}", VIDEO),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(accept: str, stored: str) -> None:
    with pytest.raises(NotAcceptable):
        instance(accept, stored)


@pytest.mark.parametrize(
    ("accept", "stored", "expected"),
    [
        # what OHIF asks: in the stored syntax, under its own name
        (f"{OCTETS}; transfer-syntax=*", BASELINE, Form("image/jpeg", BASELINE, related=True)),
        (f"{OCTETS}; transfer-syntax=*", IMPLICIT, Form("application/octet-stream", EXPLICIT, related=True)),
        (OCTETS, LOSSLESS, Form("application/octet-stream", EXPLICIT, related=True)),
        (OCTETS, IMPLICIT, Form("application/octet-stream", EXPLICIT, related=True)),
        ('multipart/related; type="image/jpeg"', LOSSLESS, Form("image/jpeg", LOSSLESS, related=True)),
        ('multipart/related; type="image/jpeg"', BASELINE, Form("image/jpeg", BASELINE, related=True)),
        ('multipart/related; type="image/jpeg"', EXPLICIT, Form("image/jpeg", LOSSLESS, related=True)),
        ('multipart/related; type="image/jls"', EXPLICIT, Form("image/jls", LS, related=True)),
        ('multipart/related; type="image/x-jls"', LS, Form("image/jls", LS, related=True)),
        (f"image/jp2; transfer-syntax={J2K}", EXPLICIT, Form("image/jp2", J2K, related=False)),
        ("application/octet-stream", EXPLICIT, Form("application/octet-stream", EXPLICIT, related=False)),
        ("*/*", BASELINE, Form("image/jpeg", BASELINE, related=True)),
        ("*/*", LOSSLESS, Form("application/octet-stream", EXPLICIT, related=True)),
        ('multipart/related; type="video/*"', VIDEO, Form("video/mp4", VIDEO, related=True)),
    ],
)
def test_frames_are_given_in_this_form(accept: str, stored: str, expected: Form) -> None:
    assert frames(accept, stored) == expected


def test_several_frames_are_never_given_alone() -> None:
    with pytest.raises(NotAcceptable):
        frames("application/octet-stream", EXPLICIT, alone=False)


def test_frames_of_a_video_are_not_decoded() -> None:
    with pytest.raises(NotAcceptable):
        frames(OCTETS, VIDEO)


def test_metadata_are_json_and_nothing_else() -> None:
    assert for_json(read_accept("application/dicom+json")) == "application/dicom+json"
    assert for_json(read_accept("application/json")) == "application/json"
    assert for_json(read_accept("*/*")) == for_json(read_accept("")) == "application/dicom+json"
    with pytest.raises(NotAcceptable):
        for_json(read_accept('multipart/related; type="application/dicom+xml"'))


def test_the_query_parameter_counts_before_the_header() -> None:
    ranges = read_accept("application/json", "application/dicom+json")
    assert ranges[0].media_type == "application/dicom+json"


def test_what_cannot_be_read_is_left_out() -> None:
    assert [r.media_type for r in read_accept("nonsense, image/png; q=x, text/html")] == ["text/html"]
    assert read_accept('application/dicom; transfer-syntax="1.2\r\nX: y"')[0].media_type == "*/*"


@given(st.text(max_size=200), st.sampled_from([EXPLICIT, IMPLICIT, BASELINE, LOSSLESS, VIDEO]), st.booleans())
def test_any_header_is_a_form_or_not_acceptable(header: str, stored: str, alone: bool) -> None:
    for choose in (for_instance, for_frames):
        try:
            form = choose(read_accept(header), stored, alone=alone)
        except NotAcceptable:
            continue
        assert "\n" not in form.part_type and "\r" not in form.part_type

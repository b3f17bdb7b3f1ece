"""controller/telemedicine/recordings/webm.py, on what a real browser wrote, and on anything."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.telemedicine.recordings.webm import cluster, last_moment, resumption, with_duration

HEAD = bytes.fromhex(
    "1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806701ffffffffffffff"
    "1549a966992ad7b1830f42404d80864368726f6d655741864368726f6d65"
    "1654ae6bfdaebcd7810173c587e1f717af1412128381015"
    "5ee81018685565f565038e09fb08203c0ba82021c53c0810155b09055b1810155b9810255ba810d55bb8101"
)
"""Of Chromium's MediaRecorder, as far as the first track."""
CLUSTER = bytes.fromhex("1f43b67501ffffffffffffffe78100")


def test_the_first_cluster_is_found_and_a_chunk_may_have_none() -> None:
    assert cluster(HEAD + CLUSTER + b"picture") == len(HEAD)
    assert cluster(b"the rest of a picture" + CLUSTER) == 21
    assert cluster(HEAD) is None


def test_a_head_says_how_long_it_is_and_nothing_else_of_it_changes() -> None:
    longer = with_duration(HEAD, 12_345)
    at = longer.index(bytes.fromhex("1549a966"))
    assert longer[at + 4] == HEAD[at + 4] + 11
    end = at + 5 + (longer[at + 4] & 0x7F)
    assert longer[end - 11 : end] == bytes.fromhex("448988") + struct.pack(">d", 12_345)
    assert longer[: at + 4] + longer[at + 5 : end - 11] + longer[end:] == HEAD[: at + 4] + HEAD[at + 5 :]
    assert with_duration(longer, 1) == longer


def sized(kind: str, data: bytes) -> bytes:
    return bytes.fromhex(kind) + (0x4000 | len(data)).to_bytes(2, "big") + data


def at(ms: int, *parts: bytes) -> bytes:
    """A cluster that begins then."""
    return CLUSTER[:-2] + b"\x84" + ms.to_bytes(4, "big") + b"".join(parts)


SOUND = sized("a3", b"\x82\x00\x00\x80sound")
KEY, DELTA = sized("a3", b"\x81\x00\x00\x80whole"), sized("a3", b"\x81\x00\x00\x00change")
GROUP = sized("a0", sized("a1", b"\x81\x00\x00\x00whole") + sized("75a1", b"more"))
CHANGE = sized("a0", sized("a1", b"\x81\x00\x00\x00change") + sized("fb", b"\x01"))


@pytest.mark.parametrize("whole", [KEY, GROUP])
def test_a_player_goes_on_from_the_first_cluster_that_begins_with_a_whole_picture(whole: bytes) -> None:
    before = b"the rest of a picture" + at(5, SOUND, DELTA, whole) + at(6, CHANGE) + at(7, SOUND) + at(8)
    assert resumption(before + at(900, SOUND, SOUND, whole, DELTA) + at(901, whole)) == (len(before), 900)
    assert resumption(before) is None
    assert resumption((before + at(900, SOUND, whole))[:-1]) is None


def moment(kind: str, ms: int) -> bytes:
    """A block so long after its cluster."""
    block = kind + ms.to_bytes(2, "big", signed=True).hex() + "80"
    return sized("a3", bytes.fromhex(block) + b"picture")


def test_the_last_picture_or_sound_says_of_when_it_is() -> None:
    begun = at(0, KEY) + at(5000, moment("81", 0), moment("82", 960), moment("81", 917))
    assert last_moment(HEAD + begun) == 5960
    assert last_moment(begun + sized("a0", sized("a1", b"\x81\x04\x00\x00whole"))) == 6024
    assert last_moment(begun + moment("82", 980)[:6]) == 5980  # cut after it has said it
    assert last_moment(begun + moment("82", 980)[:5]) == 5960
    assert last_moment(b"the rest of a picture") is None
    assert last_moment(at(70_000)) == 70_000


_PARTS = SOUND, KEY, DELTA, GROUP, CHANGE, CLUSTER, at(70_000)


@given(st.lists(st.sampled_from(_PARTS)), st.binary(max_size=20))
def test_what_is_found_is_a_cluster_whatever_comes(parts: list[bytes], rest: bytes) -> None:
    data = b"".join(parts)
    for cut in (data, data[: len(data) // 2] + rest, rest + data, data.replace(b"\xa3", rest[:1])):
        if (found := resumption(cut)) is not None:
            assert cut[found[0] :].startswith(CLUSTER[:-2]) and found[1] >= 0
        assert (last_moment(cut) is None) == (cluster(cut) is None)


@given(st.binary(max_size=80), st.integers(0, 2**40))
def test_a_head_of_another_form_stays_as_it_is_or_grows_by_the_duration_alone(data: bytes, ms: int) -> None:
    for head in (data, b"\x15\x49\xa9\x66" + data, data + b"\x15\x49\xa9\x66"):
        assert len(with_duration(head, ms)) - len(head) in (0, 11)

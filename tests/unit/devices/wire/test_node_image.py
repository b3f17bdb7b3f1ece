"""An image: what is packed is read, whole and in place; whatever is not as it would be packed is refused."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import MessageTooLarge, WireError
from devices.wire.node_image import MAX_IMAGE, NodeImage, pack, read
from firmware.core import contents
from firmware.hal.readonly import ReadOnly

PARTS = st.lists(st.text("abyz_019", min_size=1, max_size=8), min_size=1, max_size=4)
NAMES = PARTS.map(lambda parts: "/".join(parts) + ".mpy")
FILES = st.dictionaries(NAMES, st.binary(max_size=300), min_size=1, max_size=8)
BOARDS = st.text("az_09", min_size=1, max_size=18)
VERSIONS = st.integers(1, 2**32 - 1)
TREE = {"firmware/__init__.mpy": b"", "firmware/core/ring.mpy": b"ring", "firmware/hal/main.mpy": b"main" * 9}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(BOARDS, VERSIONS, FILES)
def test_what_is_packed_is_read(board: str, version: int, files: dict[str, bytes]) -> None:
    assert read(pack(board, version, files)) == NodeImage(board, version, files)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(BOARDS, VERSIONS, FILES)
def test_a_node_finds_the_same_in_place(board: str, version: int, files: dict[str, bytes]) -> None:
    data = pack(board, version, files)

    def at(begin: int, size: int) -> bytes:
        return data[begin : begin + size]

    assert contents.head(data) == (version, len(data), len(files), board.encode())
    assert {name: at(*place) for name, place in contents.files(at).items()} == files


def test_the_worked_example_is_what_the_form_says() -> None:
    by_hand = b"WLN1" + bytes.fromhex("02000000 2d000000 0100") + b"unix".ljust(18, b"\0")
    assert pack("unix", 2, {"a.mpy": b"xyz"}) == by_hand + b"\x05a.mpy" + bytes.fromhex("03000000") + b"xyz"


def test_the_order_of_the_files_makes_no_difference() -> None:
    assert pack("unix", 2, TREE) == pack("unix", 2, dict(reversed(TREE.items())))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(FILES, st.data())
def test_an_image_that_is_cut_or_longer_is_refused(files: dict[str, bytes], data: st.DataObject) -> None:
    whole = pack("unix", 2, files)
    with pytest.raises(WireError):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(WireError):
        read(whole + b"\0")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.data())
def test_an_image_with_a_byte_changed_is_refused_or_another_image(data: st.DataObject) -> None:
    whole = bytearray(pack("unix", 2, TREE))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = read(bytes(whole))
    except WireError:
        return
    assert pack(found.board, found.version, found.files) == whole


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_garbage_is_refused_by_the_host_and_by_the_node(data: bytes) -> None:
    with pytest.raises(WireError):
        read(data)
    with pytest.raises(ValueError, match="no image"):
        contents.files(lambda at, size: data[at : at + size])


def row(name: bytes, size: int) -> bytes:
    return bytes((len(name),)) + name + struct.pack("<I", size)


@pytest.mark.parametrize(
    "rows",
    [
        row(b"b.mpy", 0) + row(b"a.mpy", 0),
        row(b"a.mpy", 0) + row(b"a.mpy", 0),
        row(b"a.mpy", 0) + row(b"../b.mpy", 0),
        row(b"a.mpy", 0) + row(b"/b.mpy", 0),
        row(b"a.mpy", 0) + row(b"b.py", 0),
        row(b"a.mpy", 0) + row("\xe9.mpy".encode("latin1"), 0),
        row(b"a.mpy", 0) + row(b"b.mpy", 9),
    ],
    ids=["out-of-order", "twice", "above", "absolute", "source", "not-ascii", "size-too-large"],
)
def test_files_that_would_not_be_packed_so_are_refused_and_the_same_in_order_are_read(rows: bytes) -> None:
    def whole(rows: bytes) -> bytes:
        return struct.pack("<4sIIH18s", b"WLN1", 2, 32 + len(rows), 2, b"unix") + rows

    with pytest.raises(WireError):
        read(whole(rows))
    assert set(read(whole(row(b"a.mpy", 0) + row(b"b.mpy", 0))).files) == {"a.mpy", "b.mpy"}


@pytest.mark.parametrize("name", ["", ".mpy", "a", "a.py", "../a.mpy", "/a.mpy", "a//b.mpy", "a b.mpy"])
def test_a_name_that_is_no_module_is_refused(name: str) -> None:
    with pytest.raises(WireError, match=r"names of \.mpy files"):
        pack("unix", 2, {name: b""})


@pytest.mark.parametrize("board", ["", "Unix", "a-b", "x" * 19, "unix\0"])
def test_a_board_that_is_no_name_is_refused(board: str) -> None:
    with pytest.raises(WireError, match="a board's name"):
        pack(board, 2, TREE)


@pytest.mark.parametrize("version", [-1, 0, 1 << 32])
def test_a_version_that_has_no_32_bits_is_refused(version: int) -> None:
    with pytest.raises(WireError, match="expected a version"):
        pack("unix", version, TREE)


def test_an_image_without_files_or_larger_than_any_slot_is_refused() -> None:
    with pytest.raises(WireError):
        pack("unix", 2, {})
    with pytest.raises(MessageTooLarge):
        pack("unix", 2, {"a.mpy": bytes(MAX_IMAGE)})


def mounted() -> ReadOnly:
    data = pack("unix", 2, TREE)
    return ReadOnly(lambda at, size: data[at : at + size])


def test_a_file_system_has_the_files_and_folders_of_an_image() -> None:
    files = mounted()
    assert files.open("/firmware/core/ring.mpy", "rb").read() == b"ring"
    assert files.stat("/firmware/hal/main.mpy")[0::6] == (0x8000, 36)
    assert files.stat("/firmware/core")[0] == 0x4000


@pytest.mark.parametrize("path", ["/firmware/core/none.mpy", "/firm", "/firmware/core/ring.py"])
def test_a_file_system_does_not_have_what_the_image_has_not(path: str) -> None:
    for ask in (mounted().stat, lambda path: mounted().open(path, "rb")):
        with pytest.raises(OSError, match="2"):
            ask(path)


@pytest.mark.parametrize("mode", ["w", "ab", "r+"])
def test_a_file_system_is_not_written_to(mode: str) -> None:
    with pytest.raises(OSError, match="30"):
        mounted().open("/firmware/core/ring.mpy", mode)

"""What anybody announces in the network is taken for a box only if it reads like one, and never too many."""

import socket

from hypothesis import given
from hypothesis import strategies as st
from zeroconf.asyncio import AsyncServiceInfo

from controller.identity.waiting import MOST, NO_PAGE, SERVICE, Box, WaitingBoxes, box_of


def announcement(serial: str | bytes | None, port: int = 8080, *hosts: str) -> AsyncServiceInfo:
    properties = {} if serial is None else {"serial": serial}
    addresses = [socket.inet_aton(host) for host in hosts or ("10.0.0.7",)]
    return AsyncServiceInfo(
        SERVICE, f"wardlink-x.{SERVICE}", addresses=addresses, port=port, properties=properties
    )


def test_a_box_says_its_serial_number_and_the_address_of_its_page() -> None:
    assert box_of(announcement("SN-42")) == Box("SN-42", "10.0.0.7:8080")


def test_a_box_without_a_page_has_no_address() -> None:
    assert box_of(announcement("SN-42", NO_PAGE, "127.0.0.1")) == Box("SN-42", "")


def test_what_has_no_serial_number_or_a_strange_one_is_no_box() -> None:
    for serial in (None, "", "a b", "<b>", "-x", "x" * 41, "ü", b"\xff\xfe"):
        assert box_of(announcement(serial)) is None


@given(serial=st.binary(max_size=60), port=st.integers(0, 65535))
def test_whatever_is_announced_a_box_is_short_and_plain(serial: bytes, port: int) -> None:
    box = box_of(announcement(serial, port))
    assert box is None or (box.serial.replace("-", "").isalnum() and len(box.serial) <= 40)


async def test_of_a_flood_no_more_than_a_number_is_looked_at() -> None:
    async with WaitingBoxes().watched([]):
        pass
    boxes = WaitingBoxes()
    boxes._boxes = {f"box{n}": Box(f"{n}", "") for n in range(MOST)}
    boxes.add_service(None, SERVICE, "one more")  # type: ignore[arg-type] — it is not asked for anything
    assert len(boxes.boxes()) == MOST
    assert not boxes._resolving


async def test_two_boxes_that_say_the_same_are_one_card() -> None:
    boxes = WaitingBoxes()
    boxes._boxes = {"a": Box("unknown", ""), "b": Box("unknown", ""), "c": Box("unknown", "10.0.0.7:80")}
    assert len(boxes.boxes()) == 2


async def test_where_multicast_is_impossible_the_controller_goes_on() -> None:
    boxes = WaitingBoxes()
    async with boxes.watched(["192.0.2.1"]):
        assert boxes.boxes() == []

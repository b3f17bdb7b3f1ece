"""The page of supported devices says how each is recognised, in words that a person understands."""

import pytest

from devices.catalogue import EVIDENCE, kind, markdown, recognition
from devices.codecs.gatt import uuid16
from devices.profiles import (
    AnyLink,
    BleBroadcast,
    BleLink,
    Evidence,
    SerialLink,
    TcpLink,
    UdpLink,
    profiles,
)


def no_codec() -> None:
    return None


@pytest.mark.parametrize(
    ("link", "name", "words"),
    [
        (BleLink(uuid16(0x1810), "A&D", ()), "BLE", "service 0x1810, name A&D…"),
        (BleLink(uuid16(0x1810), "", (), bond=True), "BLE", "service 0x1810, must be paired"),
        (
            BleLink("fb005c80-02e7-f387-1cad-8acd2d8df0c8", "", ()),
            "BLE",
            "service fb005c80-02e7-f387-1cad-8acd2d8df0c8",
        ),
        (BleBroadcast(uuid16(0xFCD2), "", no_codec), "BLE", "advertises service data 0xFCD2"),
        (SerialLink(19200, no_codec, 8, "O"), "serial", "19200 8O1"),
        (
            SerialLink(115200, no_codec, usb_ids=((0x10C4, 0xEA60),)),
            "serial",
            "115200 8N1, USB 10c4:ea60",
        ),
        (TcpLink(2575, no_codec, listens=True), "TCP", "port 2575, connects to the gateway"),
        (TcpLink(9100, no_codec), "TCP", "port 9100, is connected to"),
        (UdpLink(24105, no_codec), "UDP", "port 24105"),
    ],
)
def test_a_link_is_told_in_words(link: AnyLink, name: str, words: str) -> None:
    assert (kind(link), recognition(link)) == (name, words)


def test_every_profile_has_one_row_and_every_row_the_same_columns() -> None:
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    assert len(rows) == len(profiles())
    assert {line.replace("\\|", "").count("|") for line in rows} == {6}


def test_what_nothing_was_checked_against_stands_out() -> None:
    assert "unverified" in EVIDENCE[Evidence.UNVERIFIED]
    unverified = [one for one in profiles().values() if one.evidence == Evidence.UNVERIFIED]
    assert markdown().count("| **unverified** |") == len(unverified)

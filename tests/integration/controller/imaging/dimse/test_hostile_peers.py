"""What a peer can do to us below the services; beside each attack, pynetdicom alone or a good peer."""

import asyncio
import io
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification  # pyright: ignore[reportAttributeAccessIssue]

from controller.imaging.dimse import door as doors
from controller.imaging.dimse import guard
from controller.imaging.dimse.settings import May, Peer
from tests.support.dicom import ct
from tests.support.dimse import (
    RunningDimse,
    client_tls,
    identity,
    running_dimse,
    running_door,
    tls_of,
)
from tests.support.waiting import until

CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset(May) - {May.COMMIT})
CT = "1.2.840.10008.5.1.4.1.1.2"
MB = 1 << 20
A_ASSOCIATE_RQ, P_DATA_TF = 1, 4


@contextmanager
def unguarded() -> Iterator[int]:
    """pynetdicom's server as it is: its port."""
    entity = AE("WARDLINK")
    entity.add_supported_context(Verification)
    entity.require_calling_aet = ["CT1"]
    server = entity.start_server(("127.0.0.1", 0), block=False)
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        for association in entity.active_associations:
            guard.send_away(association)
        server.shutdown()


def flood(port: int, megabytes: int) -> int:
    """A header says 4 GB, then as many bytes come as are taken: how many MB were."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(3)
        connection.sendall(struct.pack(">BBL", A_ASSOCIATE_RQ, 0, 0xFFFFFFFF))
        piece = bytes(MB)
        for sent in range(megabytes):
            try:
                connection.sendall(piece)
            except OSError:
                return sent
    return megabytes


def test_a_header_of_4_gb_is_believed_by_pynetdicom_alone() -> None:
    with unguarded() as port:
        assert flood(port, 60) == 60  # all of it is taken, before anybody's title is known


async def test_a_header_of_4_gb_ends_the_connection_and_nothing_is_kept_of_it(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1) as dimse:
        before = psutil.Process(os.getpid()).memory_info().rss
        sent = await asyncio.to_thread(flood, dimse.port, 60)
        assert sent < 20  # what the kernel's buffers take
        assert psutil.Process(os.getpid()).memory_info().rss - before < 20 * MB
        await echo(dimse)


async def echo(dimse: RunningDimse) -> None:
    entity = AE("CT1")
    entity.add_requested_context(Verification)
    association = await asyncio.to_thread(entity.associate, "127.0.0.1", dimse.port, ae_title="WARDLINK")
    assert association.is_established
    assert association.send_c_echo().Status == 0
    association.release()


def associated(port: int, *contexts: str) -> tuple[Any, socket.socket]:
    """An association of a peer that then speaks below pynetdicom, by its socket."""
    entity = AE("CT1")
    for context in contexts or (Verification,):
        entity.add_requested_context(context, "1.2.840.10008.1.2.1")
    association = entity.associate("127.0.0.1", port, ae_title="WARDLINK")
    assert association.is_established
    return association, association.dul.socket.socket


def p_data(context: int, control: int, content: bytes) -> bytes:
    """A P-DATA-TF PDU with one value (PS3.8, 9.3.5)."""
    value = struct.pack(">LBB", len(content) + 2, context, control) + content
    return struct.pack(">BBL", P_DATA_TF, 0, len(value)) + value


def command(field: int, sop_class: str, **more: str) -> bytes:
    """The command set of a request with a data set (PS3.7, E.1), implicit VR."""

    def element(number: int, value: bytes) -> bytes:
        return struct.pack("<HHL", 0, number, len(value)) + value

    def uid(text: str) -> bytes:
        return text.encode() + b"\0" * (len(text) % 2)

    elements = element(0x0002, uid(sop_class)) + element(0x0100, struct.pack("<H", field))
    elements += element(0x0110, struct.pack("<H", 1)) + element(0x0700, struct.pack("<H", 0))
    elements += element(0x0800, struct.pack("<H", 1))
    if "instance" in more:
        elements += element(0x1000, uid(more["instance"]))
    return element(0x0000, struct.pack("<L", len(elements))) + elements


C_STORE_RQ, C_FIND_RQ, C_ECHO_RQ = 0x0001, 0x0020, 0x0030
LAST_COMMAND, DATA = 3, 0


def pour(connection: socket.socket, context: int, megabytes: int) -> int:
    """A data set that does not end: how many MB were taken."""
    piece = b"".join(p_data(context, DATA, bytes(60_000)) for _ in range(17))
    for sent in range(megabytes):
        try:
            connection.sendall(piece)
        except OSError:
            return sent
    return megabytes


async def test_an_image_without_end_is_cut_and_leaves_nothing(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1, largest=20 * MB) as dimse:
        association, connection = await asyncio.to_thread(associated, dimse.port, CT)
        context = association.accepted_contexts[0].context_id
        connection.sendall(p_data(context, LAST_COMMAND, command(C_STORE_RQ, CT, instance="1.2.3")))
        assert 10 < await asyncio.to_thread(pour, connection, context, 200) < 60
        await until(lambda: not on_the_way(dimse), "what came of it is taken away")
        await echo(dimse)


async def test_a_peer_that_leaves_in_the_middle_of_an_image_leaves_nothing(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1) as dimse:
        association, connection = await asyncio.to_thread(associated, dimse.port, CT)
        context = association.accepted_contexts[0].context_id
        connection.sendall(p_data(context, LAST_COMMAND, command(C_STORE_RQ, CT, instance="1.2.3")))
        connection.sendall(p_data(context, DATA, bytes(60_000)))
        await until(lambda: on_the_way(dimse), "it is on the way")
        connection.shutdown(socket.SHUT_RDWR)
        await until(lambda: not on_the_way(dimse), "what came of it is taken away")


async def test_a_search_without_end_is_cut(tmp_path: Path) -> None:
    find = "1.2.840.10008.5.1.4.1.2.2.1"
    async with running_door(tmp_path, CT1) as dimse:
        association, connection = await asyncio.to_thread(associated, dimse.port, find)
        context = association.accepted_contexts[0].context_id
        connection.sendall(p_data(context, LAST_COMMAND, command(C_FIND_RQ, find)))
        assert await asyncio.to_thread(pour, connection, context, 200) < 60
        await echo(dimse)


def on_the_way(dimse: RunningDimse) -> list[Path]:
    return list((dimse.settings.folder / "on-the-way").iterdir())


async def test_what_was_left_by_a_process_that_was_killed_is_taken_away(tmp_path: Path) -> None:
    left = tmp_path / "dimse" / "on-the-way" / "left.dcm"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half an image")
    async with running_door(tmp_path, CT1):
        assert not left.exists()


async def test_messages_before_an_answer_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def slowly(_: evt.Event) -> int:
        held.wait(20)
        return 0

    monkeypatch.setattr(doors, "_echo", slowly)
    async with running_door(tmp_path, CT1) as dimse:
        association, connection = await asyncio.to_thread(associated, dimse.port)
        context = association.accepted_contexts[0].context_id
        ask = command(C_ECHO_RQ, Verification).replace(
            struct.pack("<HHLH", 0, 0x0800, 2, 1), struct.pack("<HHLH", 0, 0x0800, 2, 0x0101)
        )

        def until_cut() -> int:
            for number in range(2000):
                try:
                    connection.sendall(p_data(context, LAST_COMMAND, ask))
                except OSError:
                    return number
                time.sleep(0.002)
            return 2000

        assert await asyncio.to_thread(until_cut) < 2000
        held.set()


async def test_a_pdu_that_does_not_come_whole_ends_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "PDU_S", 0.3)
    async with running_door(tmp_path, CT1) as dimse:
        _, connection = await asyncio.to_thread(associated, dimse.port)
        connection.sendall(struct.pack(">BBL", P_DATA_TF, 0, 1000) + b"half")
        await until(lambda: not dimse.door.entity.active_associations, "the association has ended")


async def test_strangers_that_stay_silent_keep_nobody_out(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1, associations=1) as dimse:
        strangers = [socket.create_connection(("127.0.0.1", dimse.port)) for _ in range(20)]
        await echo(dimse)
        await until(lambda: len(dimse.door.entity.active_associations) <= guard.STRANGERS, "some are closed")
        for one in strangers:
            one.close()
        await until(lambda: not dimse.door.entity.active_associations, "their threads end", doors.ACSE_S / 2)


def test_alone_pynetdicom_counts_them_as_associations() -> None:
    with unguarded() as port:
        strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(11)]
        entity = AE("CT1")
        entity.add_requested_context(Verification)
        assert entity.associate("127.0.0.1", port).is_rejected
        for one in strangers:
            one.close()


async def test_a_peer_that_is_silent_in_its_handshake_holds_nobody_up(tmp_path: Path) -> None:
    ours, ct1 = identity(tmp_path, "wardlink"), identity(tmp_path, "ct1")
    peer = CT1.model_copy(update={"fingerprint": ct1.fingerprint})
    async with running_door(tmp_path, peer, tls=tls_of(tmp_path, ours, ct1)) as dimse:
        with socket.create_connection(("127.0.0.1", dimse.door.ports["tls"])):
            await asyncio.sleep(0.1)
            files = (str(ct1.key), str(ct1.certificate), "+cf", str(ours.certificate))
            assert (
                await dimse.tool("echoscu", "CT1", "+tls", *files, port=dimse.door.ports["tls"])
            ).status == 0


def test_without_the_late_handshake_it_holds_up_everybody(tmp_path: Path) -> None:
    ours, ct1 = identity(tmp_path, "wardlink"), identity(tmp_path, "ct1")
    entity = AE("WARDLINK")
    entity.add_supported_context(Verification)
    context = doors.server_context(tls_of(tmp_path, ours, ct1))
    server = entity.start_server(("127.0.0.1", 0), block=False, ssl_context=context)
    assert server is not None
    address = ("127.0.0.1", server.server_address[1])
    tls = client_tls(ct1, ours)
    silent = socket.create_connection(address)
    try:
        with pytest.raises(TimeoutError), socket.create_connection(address, timeout=1) as plain:
            tls.wrap_socket(plain, server_hostname="localhost")
    finally:
        silent.close()
        server.shutdown()


async def test_a_data_set_that_is_none_is_kept_apart_and_refused(tmp_path: Path) -> None:
    async with running_dimse(tmp_path, CT1) as dimse:
        association, _ = await asyncio.to_thread(associated, dimse.port, CT)
        broken = dcmread(io.BytesIO(ct()))
        path = tmp_path / "broken.dcm"
        broken.save_as(path)
        path.write_bytes(path.read_bytes()[:-5000])
        status: Dataset = await asyncio.to_thread(association.send_c_store, path)
        assert status.Status == 0xC000
        association.release()
        rows = await dimse.archive.store.read("SELECT reason, from_whom FROM quarantine")
        assert [tuple(row) for row in rows] == [("truncated", "ae:CT1")]

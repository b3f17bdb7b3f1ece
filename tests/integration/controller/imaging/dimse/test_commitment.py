"""Storage commitment: pynetdicom asks and takes the reports (dcmtk 3.6.7 has no tool for it)."""

import asyncio
import io
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import MRImageStorage
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel  # pyright: ignore[reportAttributeAccessIssue]

from controller.imaging.archive.verdicts import CODES
from controller.imaging.dimse import journal
from controller.imaging.dimse.commitment import WELL_KNOWN
from controller.imaging.dimse.settings import Peer
from tests.support.dicom import ct, edited, uid
from tests.support.dimse import (
    EVERYTHING,
    Identity,
    RunningDimse,
    client_tls,
    free_port,
    identity,
    running_dimse,
    send,
    tls_of,
)
from tests.support.waiting import until

Reports = asyncio.Queue[tuple[int, Dataset]]


def known(**more: Any) -> Peer:
    return Peer(title="CT1", host="127.0.0.1", port=free_port(), may=EVERYTHING, **more)


@asynccontextmanager
async def listening(peer: Peer, **more: Any) -> AsyncIterator[Reports]:
    """`peer` takes reports."""
    loop, reports = asyncio.get_running_loop(), Reports()

    def take(event: evt.Event) -> tuple[int, None]:
        loop.call_soon_threadsafe(reports.put_nowait, (event.event_type, event.event_information))
        return 0, None

    entity = AE(peer.title)
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    handlers: list[Any] = [(evt.EVT_N_EVENT_REPORT, take)]
    server = entity.start_server((peer.host, peer.port or 0), block=False, evt_handlers=handlers, **more)
    try:
        yield reports
    finally:
        await asyncio.to_thread(server.shutdown)


async def ask(dimse: RunningDimse, transaction: str, *items: tuple[str, str], **more: Any) -> int:
    """The status that the request is answered by."""
    told = Dataset()
    told.TransactionUID = transaction
    told.ReferencedSOPSequence = []
    for item in items:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = item
        told.ReferencedSOPSequence.append(one)
    entity = AE("CT1")
    entity.add_requested_context(StorageCommitmentPushModel)
    port = more.pop("port", None) or dimse.port
    association = await asyncio.to_thread(entity.associate, "127.0.0.1", port, ae_title="WARDLINK", **more)
    kind = more.get("kind", 1)
    status, _ = await asyncio.to_thread(
        association.send_n_action, told, kind, StorageCommitmentPushModel, WELL_KNOWN
    )
    association.release()
    return status.Status


def named(content: bytes) -> tuple[str, str]:
    data = dcmread(io.BytesIO(content))
    return str(data.SOPClassUID), str(data.SOPInstanceUID)


def reasons(report: Dataset) -> dict[str, int]:
    return {
        str(one.ReferencedSOPInstanceUID): one.FailureReason for one in report.get("FailedSOPSequence", [])
    }


async def test_images_that_are_kept_are_committed(tmp_path: Path) -> None:
    peer, images, transaction = known(), [ct(), ct()], uid()
    async with running_dimse(tmp_path, peer) as dimse, listening(peer) as reports:
        for image in images:
            assert await send(dimse, image) == 0
        assert await ask(dimse, transaction, *map(named, images)) == 0
        kind, report = await reports.get()
        assert kind == 1
        assert (report.TransactionUID, report.RetrieveAETitle) == (transaction, "WARDLINK")
        committed = [
            (one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID) for one in report.ReferencedSOPSequence
        ]
        assert committed == list(map(named, images))
        assert "FailedSOPSequence" not in report


async def test_each_that_is_not_there_as_it_was_named_has_failed(tmp_path: Path) -> None:
    peer, image = known(), ct()
    _, instance = named(image)
    async with running_dimse(tmp_path, peer) as dimse, listening(peer) as reports:
        assert await send(dimse, image) == 0
        other = edited(ct(), PatientID="1", StudyInstanceUID=study_of(image))
        assert await send(dimse, other) == CODES["other-patient"]
        asked = [named(image), (MRImageStorage, uid()), named(other)]
        assert await ask(dimse, uid(), *asked) == 0
        kind, report = await reports.get()
        assert kind == 2
        assert reasons(report) == {asked[1][1]: 0x0112, asked[2][1]: 0x0112}
        assert [one.ReferencedSOPInstanceUID for one in report.ReferencedSOPSequence] == [instance]
        assert await ask(dimse, uid(), (MRImageStorage, instance)) == 0
        assert reasons((await reports.get())[1]) == {instance: 0x0119}


def study_of(content: bytes) -> str:
    return str(dcmread(io.BytesIO(content)).StudyInstanceUID)


async def test_an_image_whose_file_is_gone_is_not_committed(tmp_path: Path) -> None:
    peer, image = known(), ct()
    async with running_dimse(tmp_path, peer) as dimse, listening(peer) as reports:
        assert await send(dimse, image) == 0
        assert await ask(dimse, uid(), named(image)) == 0
        assert (await reports.get())[0] == 1
        for file in [path for path in (tmp_path / "archive").rglob("*") if path.stat().st_size > 8000]:
            if "sqlite" not in file.name and file.is_file():
                file.unlink()
        assert await ask(dimse, uid(), named(image)) == 0
        kind, report = await reports.get()
        assert kind == 2
        assert reasons(report) == {named(image)[1]: 0x0110}


async def test_a_report_waits_for_a_peer_that_is_away_and_for_a_restart_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "FIRST_WAIT_MS", 100)
    peer, image = known(), ct()
    async with running_dimse(tmp_path, peer) as dimse:
        assert await send(dimse, image) == 0
        assert await ask(dimse, uid(), named(image)) == 0
        await tried(dimse, 1)
    async with running_dimse(tmp_path, peer), listening(peer) as reports:
        kind, _ = await reports.get()
        assert kind == 1


async def tried(dimse: RunningDimse, times: int) -> None:
    with sqlite3.connect(dimse.settings.folder / "commitments.sqlite") as db:
        await until(lambda: db.execute("SELECT tries FROM commitment").fetchone()[0] >= times, "it is tried")


async def test_a_report_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "FIRST_WAIT_MS", 50)
    peer, image = known(), ct()
    async with running_dimse(tmp_path, peer) as dimse, listening(peer) as reports:
        await ask(dimse, uid(), named(image))
        await reports.get()
        await asyncio.sleep(0.5)
        assert reports.empty()


async def test_a_request_that_names_nothing_is_refused(tmp_path: Path) -> None:
    peer = known()
    async with running_dimse(tmp_path, peer) as dimse:
        assert await ask(dimse, uid()) == 0x0115
        assert await ask(dimse, "../x", named(ct())) == 0x0115


async def test_a_report_goes_by_tls_and_to_nobody_but_the_peer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "FIRST_WAIT_MS", 100)
    ours, as_client, ct1, thief = (
        identity(tmp_path, name) for name in ("wardlink", "client", "ct1", "thief")
    )
    together = tmp_path / "together.pem"
    together.write_bytes(as_client.certificate.read_bytes() + as_client.key.read_bytes())
    tls = tls_of(tmp_path, ours, ct1, thief).model_copy(update={"client": together})
    peer, image = known(fingerprint=ct1.fingerprint), ct()
    async with running_dimse(tmp_path, peer, tls=tls) as dimse:
        secured = {"port": dimse.door.ports["tls"], "tls_args": (client_tls(ct1, ours), "localhost")}
        async with listening(peer, ssl_context=server_tls(thief, as_client)) as stolen:
            assert await ask(dimse, uid(), named(image), **secured) == 0
            await tried(dimse, 2)
            assert stolen.empty()
        async with listening(peer, ssl_context=server_tls(ct1, as_client)) as reports:
            assert (await reports.get())[0] == 2


def server_tls(mine: Identity, theirs: Identity) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(theirs.certificate))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(mine.certificate, mine.key)
    return context

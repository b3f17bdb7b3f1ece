"""What comes in is judged, kept and found, or said not to be."""

import errno
import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmwrite

from controller.errors import StoreError
from controller.imaging.archive.archive import Outcome
from controller.imaging.errors import ArchiveFull, CannotRead, NoSuchImage
from controller.imaging.sight import WHOLE, Sight
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import MIB, Shelf


async def test_what_was_stored_is_found_at_once_byte_for_byte(shelf: Shelf) -> None:
    content = dicom.ct(study="1.2.3")
    [verdict] = await shelf.store(content)
    [stored] = await shelf.archive.find(WHOLE, "1.2.3")
    assert verdict.outcome is Outcome.STORED
    assert (verdict.study, verdict.sop_instance, verdict.patient_id) == ("1.2.3", stored.instance, "4711")
    assert await shelf.archive.files.read(stored.sha256) == content
    assert stored.sha256 == hashlib.sha256(content).digest()


async def test_instances_come_in_the_order_of_their_numbers(shelf: Shelf) -> None:
    slices = dicom.ct_series(12, study="1.2.3")
    await shelf.store(*reversed(slices))
    stored = await shelf.archive.find(WHOLE, "1.2.3")
    assert [one.number for one in stored] == list(range(1, 13))


async def test_verdicts_come_in_the_order_of_what_was_taken(shelf: Shelf) -> None:
    content = dicom.ct()
    assert await shelf.outcomes(content, b"no dicom", b"", content, dicom.ct()) == [
        *("stored", "quarantined", "refused", "already", "stored")
    ]


async def test_the_same_bytes_twice_are_kept_once(shelf: Shelf) -> None:
    content = dicom.ct()
    await shelf.store(content)
    before = shelf.files()
    assert await shelf.outcomes(content) == ["already"]
    assert shelf.files() == before
    assert await shelf.rows("SELECT instances FROM study") == [(1,)]


async def test_the_same_instance_from_another_sender_is_the_same(shelf: Shelf) -> None:
    """C-STORE writes another file meta information than DICOMweb: the data set is what counts."""
    first = dicom.ct()
    read, second = dicom.read(first), BytesIO()
    read.file_meta.SourceApplicationEntityTitle = "CT1"
    dcmwrite(second, read, enforce_file_format=True)
    assert second.getvalue() != first
    await shelf.store(first)
    used, before = shelf.archive.room.used, shelf.files()
    assert await shelf.outcomes(second.getvalue()) == ["already"]
    await shelf.archive.garbage.collect()
    assert (shelf.archive.room.used, shelf.files()) == (used, before)
    assert await shelf.rows("SELECT count(*) FROM quarantine") == [(0,)]


async def test_the_first_of_two_that_differ_stays_and_the_second_waits(shelf: Shelf) -> None:
    first = dicom.ct(instance="1.2.3.4", study="1.2", series="1.3")
    second = dicom.edited(first, SeriesDescription="changed")
    [_, verdict] = await shelf.store(first, second)
    [stored] = await shelf.all()
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.QUARANTINED, "differs", 0xC101)
    assert await shelf.archive.files.read(stored.sha256) == first
    assert await shelf.rows("SELECT reason, instance, from_whom FROM quarantine") == [
        ("differs", "1.2.3.4", "ae:CT1")
    ]


async def test_a_study_has_one_patient(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", study="1.2"))
    [verdict] = await shelf.store(dicom.ct("0815", study="1.2"))
    assert (verdict.outcome, verdict.reason) == (Outcome.QUARANTINED, "other-patient")
    assert "4711" not in verdict.message  # whoever sends a guess is not told whose the study is


async def test_an_issuer_that_differs_is_another_patient(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(study="1.2", IssuerOfPatientID="A"))
    [other, unsaid] = await shelf.store(
        dicom.ct(study="1.2", IssuerOfPatientID="B"), dicom.ct(study="1.2", IssuerOfPatientID=None)
    )
    assert (other.reason, unsaid.outcome) == ("other-patient", Outcome.STORED)


async def test_an_instance_is_in_one_series_and_a_series_in_one_study(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(study="1.2", series="1.3", instance="1.4"))
    verdicts = await shelf.store(
        dicom.ct(study="1.2", series="1.3.9", instance="1.4"), dicom.ct(study="1.2.9", series="1.3")
    )
    assert [verdict.reason for verdict in verdicts] == ["instance-elsewhere", "series-elsewhere"]


@pytest.mark.parametrize("uid", ["../../etc/passwd", "1..2", "1.2.", "", "1" * 65, "1.2/3", "1.²", "1.2 3"])
async def test_a_uid_that_is_none_is_not_let_in(shelf: Shelf, uid: str) -> None:
    [verdict] = await shelf.store(dicom.edited(dicom.ct(), SeriesInstanceUID=uid))
    assert (verdict.outcome, verdict.reason) == (Outcome.QUARANTINED, "bad-uid")


async def test_old_uids_with_leading_zeros_are_let_in(shelf: Shelf) -> None:
    assert await shelf.outcomes(dicom.edited(dicom.ct(), SeriesInstanceUID="1.02.3")) == ["stored"]


async def test_what_was_announced_must_come(shelf: Shelf) -> None:
    content = dicom.ct(instance="1.4", study="1.2")
    [class_] = await shelf.store(content, expected=("1.2.840.10008.5.1.4.1.1.4", "1.4"))
    [instance] = await shelf.store(content, expected=("1.2.840.10008.5.1.4.1.1.2", "1.5"))
    [study] = await shelf.store(content, study="1.2.9")
    assert [(v.outcome.value, v.reason, v.code) for v in (class_, instance, study)] == [
        *(("refused", "other-class", 0xA900), ("refused", "other-instance", 0xA901)),
        ("refused", "other-study", 0xC104),
    ]
    assert not shelf.files()
    assert await shelf.outcomes(content, expected=("1.2.840.10008.5.1.4.1.1.2", "1.4"), study="1.2") == [
        "stored"
    ]


async def test_what_cannot_be_read_has_the_names_that_were_announced(shelf: Shelf) -> None:
    [verdict] = await shelf.store(dicom.ct()[:-4000], expected=("1.2.840.10008.5.1.4.1.1.2", "1.4"))
    assert (verdict.reason, verdict.code, verdict.sop_instance) == ("truncated", 0xC000, "1.4")


async def test_what_waits_in_quarantine_waits_once(shelf: Shelf) -> None:
    assert await shelf.outcomes(b"no dicom", b"no dicom") == ["quarantined", "quarantined"]
    assert await shelf.outcomes(b"no dicom") == ["quarantined"]
    assert await shelf.rows("SELECT count(*) FROM quarantine") == [(1,)]


async def test_a_number_that_json_cannot_hold_is_no_crash(shelf: Shelf) -> None:
    [verdict] = await shelf.store(dicom.edited(dicom.ct(), InstanceNumber="9" * 30))
    assert (verdict.outcome, verdict.reason) == (Outcome.QUARANTINED, "value")


async def test_a_flood_of_private_elements_is_not_let_in(shelf: Shelf) -> None:
    data = dicom.read(dicom.ct())
    for block in range(0x10, 0x70):
        data.add_new((0x0009, block), "LO", f"Flood {block}")
        data.add_new((0x0009, block << 8 | 1), "UT", "x" * 60_000)
    flood = BytesIO()
    data.save_as(flood)
    [verdict] = await shelf.store(flood.getvalue())
    assert (verdict.outcome, verdict.reason) == (Outcome.QUARANTINED, "header-too-large")


async def test_a_large_instance_goes_by_a_temporary_file(shelf: Shelf) -> None:
    content = dicom.ct(rows=2100)  # 8.8 MB
    async with shelf.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(content[:-1])
        assert len(list((shelf.folder / "incoming").iterdir())) == 1
        incoming.write(content[-1:])
        await batch.take(incoming)
        [verdict] = await batch.commit()
    [stored] = await shelf.all()
    assert verdict.outcome is Outcome.STORED
    assert await shelf.archive.files.read(stored.sha256) == content
    chunks = shelf.archive.files.chunks(stored.sha256, 5, 2 * MIB + 7)
    assert b"".join([chunk async for chunk in chunks]) == content[5 : 2 * MIB + 12]
    assert shelf.files() == {stored.sha256.hex()}


@pytest.mark.parametrize("size", [10, 10 * MIB])
async def test_what_was_not_committed_leaves_nothing(shelf: Shelf, size: int) -> None:
    async with shelf.archive.begin("ae:CT1") as batch:
        taken, begun = batch.part(), batch.part()
        taken.write(dicom.ct())
        await batch.take(taken)
        begun.write(bytes(size))
    assert not shelf.files()
    assert await shelf.rows("SELECT count(*) FROM instance") == [(0,)]


async def test_what_is_too_large_is_refused_and_takes_no_room(shelf: Shelf) -> None:
    await shelf.archive.close()
    await shelf.open(largest=MIB)
    async with shelf.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        for _ in range(20):
            incoming.write(bytes(MIB))
        await batch.take(incoming)
        [verdict] = await batch.commit()
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.REFUSED, "file-too-large", 0xC106)
    assert not shelf.files()


async def test_an_archive_that_has_its_quota_takes_no_more(shelf: Shelf) -> None:
    await shelf.store(dicom.ct())
    used = shelf.archive.room.used
    await shelf.archive.close()
    await shelf.open(quota=used + 5000)
    with pytest.raises(ArchiveFull):
        await shelf.store(dicom.ct())
    assert len(shelf.files()) == 1


@pytest.mark.parametrize("size", [6 * MIB, 30 * MIB])
async def test_a_large_instance_without_room_leaves_nothing(shelf: Shelf, size: int) -> None:
    await shelf.archive.close()
    await shelf.open(quota=5 * MIB)
    with pytest.raises(ArchiveFull):
        await shelf.store(bytes(size))
    assert not shelf.files()


async def test_a_disk_below_its_reserve_takes_no_more(shelf: Shelf) -> None:
    shelf.archive.room._settings = shelf.archive.settings.model_copy(update={"reserve": 1 << 60})
    with pytest.raises(ArchiveFull):
        await shelf.store(dicom.ct())
    assert not shelf.files()


async def test_a_disk_that_is_full_after_all_is_told_and_leaves_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int, __: memoryview) -> int:  # no disk here can be filled for a test
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.write", full)
    with pytest.raises(ArchiveFull, match="full"):
        await shelf.store(dicom.ct())
    monkeypatch.undo()
    assert not shelf.files()
    assert await shelf.outcomes(dicom.ct()) == ["stored"]


async def test_a_folder_that_is_gone_is_told_and_leaves_nothing(shelf: Shelf) -> None:
    content = dicom.ct()
    folder = shelf.folder / "files" / hashlib.sha256(content).hexdigest()[:2]
    folder.rmdir()
    with pytest.raises(StoreError, match="cannot be written"):
        await shelf.store(content)
    folder.mkdir()
    assert not shelf.files()
    assert await shelf.outcomes(content) == ["stored"]


async def test_quarantine_has_a_bound(shelf: Shelf) -> None:
    await shelf.archive.close()
    await shelf.open(quarantine=100)
    assert await shelf.outcomes(bytes(90)) == ["quarantined"]
    assert await shelf.outcomes(bytes(8), bytes(9)) in (
        ["quarantined", "refused"],
        ["refused", "quarantined"],
    )
    assert len(shelf.files()) == 2
    [verdict] = await shelf.store(bytes(91))
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, 0xA700)
    assert await shelf.outcomes(dicom.ct()) == ["stored"]


async def test_when_the_index_cannot_be_written_nothing_is_there(shelf: Shelf) -> None:
    await shelf.archive.store.write(lambda db: db.execute("ALTER TABLE instance RENAME TO hidden"))
    with pytest.raises(StoreError):
        await shelf.store(dicom.ct())
    await shelf.archive.store.write(lambda db: db.execute("ALTER TABLE hidden RENAME TO instance"))
    assert not shelf.files()
    assert await shelf.outcomes(dicom.ct()) == ["stored"]


async def test_what_a_crash_left_on_its_way_goes_at_the_next_start(shelf: Shelf) -> None:
    await shelf.store(dicom.ct())
    await shelf.archive.close()
    for left in ("incoming/half", "files/tmp/half"):
        (shelf.folder / left).write_bytes(b"half")
    await shelf.open()
    assert len(shelf.files()) == 1


async def test_a_file_that_a_crash_lost_is_known_at_the_next_start_and_healed_by_sending_it_again(
    shelf: Shelf, folder_of: Callable[[bytes], Path]
) -> None:
    content = dicom.ct()
    await shelf.store(content)
    [stored] = await shelf.all()
    await shelf.archive.close()
    folder_of(stored.sha256).unlink()
    (shelf.folder / "occupied").touch()
    await shelf.open()
    assert [one.damaged for one in await shelf.all()] == ["missing"]
    assert await shelf.outcomes(content) == ["already"]
    assert [one.damaged for one in await shelf.all()] == [""]
    assert await shelf.archive.files.read(stored.sha256) == content


async def test_a_refused_copy_heals_no_damaged_file(shelf: Shelf, folder_of: Callable[[bytes], Path]) -> None:
    content = dicom.ct(study="1.2")
    await shelf.store(content)
    [stored] = await shelf.all()
    folder_of(stored.sha256).write_bytes(b"changed")
    shelf.archive.files.damaged.add(stored.sha256)
    assert await shelf.outcomes(content, study="1.9") == ["refused"]
    with pytest.raises(CannotRead):
        await shelf.archive.files.read(stored.sha256)


async def test_nobody_finds_what_is_not_theirs(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", study="1.2"))
    assert await shelf.archive.find(Sight(frozenset({"4711"})), "1.2")
    with pytest.raises(NoSuchImage) as other:
        await shelf.archive.find(Sight(frozenset({"0815"})), "1.2")
    with pytest.raises(NoSuchImage) as absent:
        await shelf.archive.find(WHOLE, "1.9")
    assert str(other.value) == str(absent.value)


async def test_two_batches_at_once_do_not_disturb_each_other(shelf: Shelf) -> None:
    content = dicom.ct()
    async with shelf.archive.begin("a") as one, shelf.archive.begin("b") as other:
        for batch in (one, other):
            incoming = batch.part()
            incoming.write(content)
            await batch.take(incoming)
        await other.abandon()
        [verdict] = await one.commit()
    [stored] = await shelf.all()
    assert verdict.outcome is Outcome.STORED
    assert await shelf.archive.files.read(stored.sha256) == content

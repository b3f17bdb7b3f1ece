"""From what a box sent to the archive of images, by the inner door of the real service: once, or not yet."""

import asyncio
import hashlib
import json

import pytest

from controller.crew.still_keeper import StillKeeper
from controller.imaging.archive import reconciliation
from controller.imaging.archive.rewriting import Patient
from controller.imaging.decode.decoder import Decoder
from controller.imaging.errors import CannotDecode
from controller.imaging.sight import Sight
from controller.imaging.stills import intake
from controller.imaging.stills.picture import Picture
from controller.stays import unknown
from devices.model.observation import DeviceEvent, EventKind
from tests.integration.controller.imaging.stills.conftest import Service
from tests.support.crew import ANN, BEN, Crew
from tests.support.photos import photo
from tests.unit.controller.crew.conftest import Following
from tests.unit.controller.crew.test_stills import blocks

SAID = "SELECT arguments FROM command WHERE name = 'picture'"
STATES = "SELECT state, why FROM still ORDER BY id"


def keeper(following: Following, service: Service) -> StillKeeper:
    return StillKeeper(following.desk.store, following.desk.clock, service.client)


def picture(
    crew: Crew, data: bytes, second: int = 60, stay: str = ANN, media: str = "image/jpeg"
) -> DeviceEvent:
    digest = hashlib.sha256(data).hexdigest()
    about = {"digest": digest, "size": len(data), "media": media, "kind": "ultrasound", "shows": "FAST"}
    return crew.event(EventKind.PICTURE, second, stay, **about, clock="satellite", error_ms=1)


async def sent(following: Following, data: bytes) -> None:
    made = blocks(following.crew.sender, data)
    await following.desk.take(*made, what="bulk", gateway="amb-1")


async def words(following: Following) -> list[str]:
    rows = await following.desk.rows(SAID)
    return sorted(json.loads(str(row[0]))["state"] for row in rows)


async def test_a_picture_of_the_patient_on_board_is_an_instance_of_that_patient(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, data = following.crew, photo()
    await following.hear(
        crew.patient(40, "begin", identifier="4711", name="Muster, Anna"), picture(crew, data)
    )
    await sent(following, data)
    async with service.running(decoder):
        assert not await keeper(following, service).step()
        [one] = await service.found(sight=Sight(frozenset({"4711"})))
        assert await service.found(sight=Sight(frozenset({"4712"}))) == []
        made = await service.data_set(one)
    assert (made.PatientID, made.PatientName, made.Modality) == ("4711", "Muster^Anna", "US")
    assert made.ImageComments.startswith("FAST\nClock of the box: satellite, error about 1 ms")
    at = following.at_ms(60) / 1000
    assert abs(float(made.ContentTime[4:]) - at % 60) < 0.001
    assert await following.desk.rows(STATES) == [("archived", "")]
    assert await following.desk.rows("SELECT count(*) FROM attachment") == [(0,)]
    assert await words(following) == ["archived", "received"]
    entries = [json.loads(str(row[0])) for row in await following.desk.rows("SELECT entry FROM audit")]
    [entry] = [one for one in entries if one["action"] == "still-archived"]
    assert (entry["actor"], entry["patient"]) == ("gateway:amb-1", "4711")
    assert entry["entity"] == f"study/{one.study}"


async def test_while_the_service_is_away_it_waits_and_nothing_of_it_goes(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, data = following.crew, photo()
    await following.hear(crew.patient(40, "begin"), picture(crew, data))
    await sent(following, data)
    for _ in range(2):
        assert await keeper(following, service).step(), "it is away"
    assert await following.desk.rows(STATES) == [("received", "")]
    assert await following.desk.rows("SELECT sum(length(data)) FROM attachment") == [(len(data),)]
    async with service.running(decoder):
        await keeper(following, service).step()
        assert len(await service.found()) == 1
    assert await following.desk.rows(STATES) == [("archived", "")]


async def test_an_answer_that_is_lost_makes_no_second_instance_even_if_the_patient_is_named_meanwhile(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, data = following.crew, photo()
    await following.hear(crew.patient(40, "begin"), picture(crew, data))
    await sent(following, data)
    async with service.running(decoder):
        service.lose = 1
        assert await keeper(following, service).step(), "no answer came"
        assert len(await service.found()) == 1, "and yet it is there"
        assert await following.desk.rows(STATES) == [("received", "")]
        await following.hear(crew.patient(70, "identify", identifier="4711", name="Muster, Anna"))
        await keeper(following, service).step()
        assert await following.desk.rows(STATES) == [("archived", "")]
        await keeper(following, service).step()
        [one] = await service.found()
    assert one.patient_id == "4711"


async def test_pictures_follow_the_patient_who_is_identified_and_the_next_joins_them(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, first, second = following.crew, photo(), photo("PNG")
    await following.hear(crew.patient(40, "begin"), picture(crew, first))
    await sent(following, first)
    async with service.running(decoder):
        await keeper(following, service).step()
        assert [one.patient_id for one in await service.found()] == [unknown(ANN)]
        await following.hear(
            crew.patient(70, "identify", identifier="4711", name="Muster, Anna"),
            picture(crew, second, 80, media="image/png"),
        )
        await sent(following, second)
        await keeper(following, service).step()
        both = await service.found()
        assert [one.patient_id for one in both] == ["4711", "4711"]
        moved, _ = [await service.data_set(one) for one in both]
    assert moved.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientID == unknown(ANN)
    assert await following.desk.rows("SELECT patient_id FROM still") == [("4711",), ("4711",)]


async def test_what_no_decoder_reads_is_refused_kept_and_told_and_the_next_goes_on(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, broken, whole = following.crew, photo()[:-300], photo(mode="L")
    await following.hear(crew.patient(40, "begin"), picture(crew, broken), picture(crew, whole, 61))
    await sent(following, broken)
    await sent(following, whole)
    async with service.running(decoder):
        assert not await keeper(following, service).step()
        assert len(await service.found()) == 1
    [(state, why), other] = await following.desk.rows(STATES)
    assert (state, "truncated" in str(why), other) == ("refused", True, ("archived", ""))
    kept = await following.desk.rows("SELECT sum(length(data)) FROM attachment")
    assert kept == [(len(broken),)], "the only copy is not thrown away"
    assert await words(following) == ["archived", "received", "received", "refused"]


async def test_the_same_picture_of_two_patients_is_two_instances(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, data = following.crew, photo()
    begun = crew.patient(40, "begin"), picture(crew, data, 50)
    await following.hear(*begun, crew.patient(60, "begin", BEN), picture(crew, data, 70, BEN))
    await sent(following, data)
    async with service.running(decoder):
        await keeper(following, service).step()
        [one], [other] = await service.found(ANN), await service.found(BEN)
    assert (one.patient_id, other.patient_id) == (unknown(ANN), unknown(BEN))
    assert one.instance != other.instance
    assert await following.desk.rows("SELECT count(*) FROM attachment") == [(0,)]


async def test_two_who_ask_at_once_make_one_instance(
    following: Following,
    service: Service,
    decoder: Decoder,
) -> None:
    crew, data = following.crew, photo()
    await following.hear(crew.patient(40, "begin"), picture(crew, data))
    await sent(following, data)
    async with service.running(decoder):
        await asyncio.gather(*(keeper(following, service).step() for _ in range(3)))
        assert len(await service.found()) == 1
    assert await following.desk.rows(STATES) == [("archived", "")]


async def test_an_answer_of_many_lines_or_none_is_told_to_the_box_in_one(
    following: Following, service: Service, monkeypatch: pytest.MonkeyPatch, decoder: Decoder
) -> None:
    async def broken(*_: object) -> None:
        raise CannotDecode("a\nb\x00" + "c" * 1000)

    monkeypatch.setattr(intake, "read_picture", broken)
    crew, data = following.crew, photo()
    await following.hear(crew.patient(40, "begin"), picture(crew, data))
    await sent(following, data)
    async with service.running(decoder):
        assert not await keeper(following, service).step()
    assert await words(following) == ["received", "refused"]


async def test_the_pictures_of_a_box_that_is_decommissioned_are_archived_and_nobody_is_told(
    following: Following, service: Service, decoder: Decoder
) -> None:
    crew, data = following.crew, photo()
    await following.hear(crew.patient(40, "begin"), picture(crew, data))
    await sent(following, data)
    gone = "UPDATE gateway SET provisioned = 0 WHERE id = 'amb-1'"
    await following.desk.store.write(lambda db: db.execute(gone))
    async with service.running(decoder):
        await keeper(following, service).step()
        assert len(await service.found()) == 1
    assert (await following.desk.rows(STATES), await words(following)) == ([("archived", "")], [])


async def test_a_picture_that_would_be_another_patients_is_quarantined_and_its_reason_names_nobody(
    following: Following, service: Service, decoder: Decoder
) -> None:
    """Somebody moved the study by hand meanwhile: what comes after is judged by a person, too."""
    crew, first, second = following.crew, photo(), photo(mode="L")
    await following.hear(crew.patient(40, "begin", identifier="4711", name="Ann"), picture(crew, first))
    await sent(following, first)
    async with service.running(decoder):
        await keeper(following, service).step()
        assert service.archive is not None
        [one] = await service.found()
        await reconciliation.move(
            service.archive, one.study, Patient("9999", "Other"), "anna", "wrong patient"
        )
        await following.hear(picture(crew, second, 70))
        await sent(following, second)
        await keeper(following, service).step()
        assert [found.patient_id for found in await service.found()] == ["9999"]
    assert [row[0] for row in await following.desk.rows(STATES)] == ["archived", "refused"]
    told = [json.loads(str(row[0])) for row in await following.desk.rows(SAID)]
    assert [one["why"] for one in told if one["state"] == "refused"] == ["other-patient"]


async def test_a_picture_that_breaks_the_service_holds_up_no_other_and_is_tried_again(
    following: Following, service: Service, monkeypatch: pytest.MonkeyPatch, decoder: Decoder
) -> None:
    real, crew, poison, good = intake.read_picture, following.crew, photo(mode="L"), photo()

    async def broken(data: bytes, media: str) -> Picture:
        if data == poison:
            raise ZeroDivisionError
        return await real(data, media)

    await following.hear(crew.patient(40, "begin"), picture(crew, poison), picture(crew, good, 61))
    await sent(following, poison)
    await sent(following, good)
    async with service.running(decoder):
        with monkeypatch.context() as patch:
            patch.setattr(intake, "read_picture", broken)
            assert await keeper(following, service).step(), "one waits"
        assert [row[0] for row in await following.desk.rows(STATES)] == ["received", "archived"]
        assert not await keeper(following, service).step()
        assert len(await service.found()) == 2

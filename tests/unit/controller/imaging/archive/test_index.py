"""What the index says of a study, a series, an instance."""

import json

from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf


async def test_a_study_has_the_columns_that_searches_ask_for(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(study="1.2", patient_name="Müller^Åse=王^小明"))
    columns = "uid, patient_id, patient_name, folded, birth_date, sex, date, time, accession, study_id"
    assert await shelf.rows(f"SELECT {columns}, description, referring, modalities FROM study") == [
        (
            *("1.2", "4711", "Müller^Åse", "muller^ase=王^小明", "19800214", "F", "20261126", "101500"),
            *("A1", "1", "Head", "Haus^Greta", "\\CT\\"),
        )
    ]
    assert await shelf.rows("SELECT words FROM name WHERE name MATCH 'mul* AND 小*'") == [
        ("muller ase 王 小明",)
    ]


async def test_a_series_and_an_instance_have_theirs(shelf: Shelf) -> None:
    await shelf.store(dicom.us_cine(frames=3, series="1.3", instance="1.4", BodyPartExamined="HEART"))
    assert await shelf.rows(
        "SELECT uid, modality, number, description, body_part, instances FROM series"
    ) == [("1.3", "US", 1, "Test", "HEART", 1)]
    assert await shelf.rows("SELECT uid, class, number, syntax, frames, added_by FROM instance") == [
        ("1.4", "1.2.840.10008.5.1.4.1.1.3.1", 1, "1.2.840.10008.1.2.4.50", 3, "ae:CT1")
    ]


async def test_attributes_of_a_level_are_kept_whole(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(PatientComments="deaf", ProtocolName="Head", KVP=120))
    [(study, series)] = await shelf.rows("SELECT study.attributes, series.attributes FROM study, series")
    assert json.loads(study)["00104000"]["Value"] == ["deaf"]
    assert json.loads(series)["00181030"]["Value"] == ["Head"]
    assert "00180060" not in study.decode() + series.decode()


async def test_all_modalities_of_a_study_are_listed_once(shelf: Shelf) -> None:
    study = dicom.uid()
    await shelf.store(dicom.us_cine(study=study), dicom.ct(study=study), dicom.ct(study=study))
    assert await shelf.rows("SELECT modalities, series, instances FROM study") == [("\\CT\\US\\", 3, 3)]


async def test_a_study_without_modality_or_numbers_has_none(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(Modality=None, InstanceNumber=None, SeriesNumber=None, StudyDate=None))
    assert await shelf.rows("SELECT modalities, date FROM study") == [("", "")]
    assert await shelf.rows("SELECT series.number, instance.number FROM series, instance") == [(None, None)]


async def test_an_instance_without_pixels_has_no_frames(shelf: Shelf) -> None:
    await shelf.store(dicom.edited(dicom.ct(), PixelData=None))
    [stored] = await shelf.all()
    assert (stored.frames, stored.pixel, stored.pixel_offset) == (0, None, None)


async def test_texts_with_anything_in_them_are_kept(shelf: Shelf) -> None:
    odd = "'; DROP TABLE study; -- \x00\x7f\u202e𝕏"
    [verdict] = await shelf.store(dicom.ct(StudyDescription=odd, patient_name=odd))
    assert verdict.outcome.value == "stored"
    assert len(await shelf.rows("SELECT description FROM study")) == 1

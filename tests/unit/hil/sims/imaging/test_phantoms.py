"""Made-up studies are valid, look like what they say, and are the same each time."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames

from controller.imaging.dicom.part10 import read_instance
from hil.sims.imaging.chest import chest_radiograph
from hil.sims.imaging.ecg import RATE_HZ, SECONDS, signals, twelve_leads
from hil.sims.imaging.head import head_ct, slice_of
from hil.sims.imaging.objects import Examination, Patient
from hil.sims.imaging.ultrasound import heart_cine

ANNA: Final = Patient("4711", "Muster^Anna", "19800214", "F")
EXAMINATION: Final = Examination(ANNA, datetime(2026, 11, 26, 10, 15, tzinfo=UTC), "A1")
ALL: Final[dict[str, Callable[[Examination], Iterator[bytes]]]] = {
    "CT": lambda of: head_ct(of, slices=3, size=64),
    "CR": lambda of: iter([chest_radiograph(of, size=64)]),
    "US": lambda of: iter([heart_cine(of, frames=3)]),
    "ECG": lambda of: iter([twelve_leads(of)]),
}


def read(content: bytes) -> Dataset:
    return dcmread(io.BytesIO(content))


@pytest.mark.parametrize("modality", ALL)
def test_a_study_is_made_twice_the_same(modality: str) -> None:
    first, again = list(ALL[modality](EXAMINATION)), list(ALL[modality](EXAMINATION))
    assert first == again
    assert first != list(ALL[modality](Examination(ANNA, EXAMINATION.at, "A1", seed=2)))


@pytest.mark.parametrize("modality", ALL)
def test_an_object_says_whose_it_is_and_of_which_study(modality: str) -> None:
    for content in ALL[modality](EXAMINATION):
        instance = read_instance(content)
        assert (instance.text("00100020"), instance.text("00080060")) == ("4711", modality)
        assert instance.text("0020000D") == EXAMINATION.uid()
        assert instance.meta["00020003"]["Value"] == instance.data_set["00080018"]["Value"]


def test_all_studies_have_uids_of_their_own() -> None:
    uids = [read(content).SOPInstanceUID for make in ALL.values() for content in make(EXAMINATION)]
    assert len(set(uids)) == len(uids) == 6
    assert all(uid.is_valid for uid in uids)


def test_slices_are_a_millimetre_apart_and_in_one_series() -> None:
    slices = [read(content) for content in ALL["CT"](EXAMINATION)]
    assert [one.ImagePositionPatient[2] for one in slices] == [1, 2, 3]
    assert len({one.SeriesInstanceUID for one in slices}) == 1
    assert slices[0].PixelSpacing[0] * 64 == pytest.approx(230, abs=0.01)


def test_a_head_is_air_outside_bone_around_and_brain_within() -> None:
    middle = slice_of(128, 0.1)
    assert middle[2, 2] == -1000
    assert middle[64].max() == 1100
    assert 20 < middle[90, 84] < 45
    pixels = read(next(iter(head_ct(EXAMINATION, slices=1, size=128)))).pixel_array
    assert abs(int(pixels[90, 84]) - 1024 - middle[90, 84]) < 30


def test_a_bleeding_is_brighter_than_brain() -> None:
    without, bleeding = slice_of(128, 0.15), slice_of(128, 0.15, bleeding=True)
    changed = without != bleeding
    assert changed.sum() > 50
    assert (bleeding[changed] > without[changed]).any()
    assert set(bleeding[changed]) == {68}


def test_the_lungs_are_dark_and_the_spine_is_bright() -> None:
    pixels = read(chest_radiograph(EXAMINATION, size=256)).pixel_array.astype(int)
    lung, spine, outside = (
        pixels[110:120, 74:80].mean(),
        pixels[160:170, 124:132].mean(),
        pixels[:20, :20].mean(),
    )
    assert outside < lung < spine / 2


def test_a_cine_is_jpeg_and_moves() -> None:
    data = read(heart_cine(EXAMINATION, frames=12))
    frames = [Image.open(io.BytesIO(one)) for one in generate_frames(data.PixelData, number_of_frames=12)]
    assert [frame.size for frame in frames] == [(640, 480)] * 12
    first, later = (np.asarray(frames[n].convert("L"), int) for n in (0, 11))
    assert np.abs(first - later).mean() > 3
    assert first[5, 600] < 10  # beside the sector


def test_a_cine_says_how_large_a_pixel_is() -> None:
    (region,) = read(heart_cine(EXAMINATION, frames=1)).SequenceOfUltrasoundRegions
    assert region.PhysicalDeltaX * 452 == pytest.approx(16)
    assert region.PhysicalUnitsXDirection == 3  # cm


def test_limb_leads_obey_einthoven_and_goldberger() -> None:
    leads = signals(EXAMINATION, 72, 0)
    assert np.allclose(leads["I"] + leads["III"], leads["II"])
    assert np.allclose(leads["aVR"] + leads["aVL"] + leads["aVF"], 0)


def test_an_ecg_is_read_in_microvolts_by_pydicom() -> None:
    data = read(twelve_leads(EXAMINATION))
    read_back, made = data.waveform_array(0), np.stack(list(signals(EXAMINATION, 72, 0).values()), axis=1)
    assert read_back.shape == (RATE_HZ * SECONDS, 12)
    assert np.abs(read_back - made).max() <= 1.25 + 1e-6  # half a step


def test_an_infarction_lifts_st_in_the_inferior_leads_only() -> None:
    without, lifted = signals(EXAMINATION, 72, 0), signals(EXAMINATION, 72, 250)
    assert {name for name in without if (lifted[name] - without[name]).max() > 50} == {"II", "III", "aVF"}

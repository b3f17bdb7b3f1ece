"""The imaging bench: what it stores is valid and new in each round; its table says what was measured."""

from datetime import UTC, datetime

import pytest
from pydicom.uid import UID

from controller.imaging.dicom.part10 import read_instance
from hil.bench.imaging import growth, material, pairs
from hil.bench.imaging.pairs import Pair, Row, Took
from hil.bench.imaging.sides import Side
from hil.bench.imaging.work import WORKS, Work
from tests.support.dicom import read

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def made() -> material.Material:
    return material.make(ct=2, mr=2, frames=2)


def test_a_round_has_uids_of_its_own_and_the_same_sizes(made: material.Material) -> None:
    one, two = made.renewed(1), made.renewed(2)
    for first, second in ((one.ct, two.ct), (one.mr, two.mr), (one.cine, two.cine)):
        assert first.study != second.study
        assert [len(file) for file in first.files] == [len(file) for file in second.files]
        uids = {read_instance(file).text("00080018") for series in (first, second) for file in series.files}
        assert len(uids) == 2 * len(first.files)
        assert all(UID(uid).is_valid for uid in uids)


def test_the_paths_are_those_of_what_is_stored(made: material.Material) -> None:
    series = made.renewed(7).ct
    instance = read_instance(series.files[1])
    uids = [instance.text(key) for key in ("0020000D", "0020000E", "00080018")]
    assert series.instance(2) == "/dicom-web/studies/{}/series/{}/instances/{}".format(*uids)


def test_the_headers_are_those_of_real_scanners(made: material.Material) -> None:
    assert len(read_instance(made.ct.files[0]).data_set) > 250
    assert len(read_instance(made.mr.files[0]).data_set) > 70
    assert read(made.ct.files[0]).pixel_array.shape == (512, 512)
    assert read(made.cine.files[0]).NumberOfFrames == 2


def test_the_body_of_a_stow_request_is_multipart() -> None:
    body = material.related([b"one", b"two"])
    assert body.count(b"--part\r\nContent-Type: application/dicom\r\n\r\n") == 2
    assert body.endswith(b"two\r\n--part--\r\n")


def test_a_thousandth_instance_is_of_the_right_study_series_and_person() -> None:
    instance = read_instance(growth.template()(1_015))
    assert instance.text("0020000D") == growth.study_uid(50)
    assert instance.text("0020000E") == growth.series_uid(50, 1)
    assert (instance.text("00100020"), instance.text("00080050")) == (growth.patient(50), "ACC000000050")
    (name,) = instance.data_set["00100010"]["Value"]
    assert name["Alphabetic"] == "Øster0^Dmitri"
    assert datetime.strptime(instance.text("00080020"), "%Y%m%d").replace(tzinfo=UTC).year >= 2010


def test_growth_is_told_by_size() -> None:
    sizes = [growth.Size(1000, 500.4, {"all": 0.5}), growth.Size(10_000, 400, {"all": 0.75})]
    told = list(growth.table(sizes))
    assert told[0] == "| median ms | 1,000 instances | 10,000 instances |"
    assert told[2:] == ["| all | 0.50 | 0.75 |", "| stored a second, 200 in a request | 500 | 400 |"]


def row(*walls: tuple[float, float], aim: float | None = 2.0) -> Row:
    work = Work("a thing", aim, lambda _: [])
    return Row(work, [Pair(Took(ours, 1, 9), Took(theirs, 3, 9)) for ours, theirs in walls])


def test_a_ratio_is_taken_within_its_pair_and_its_median_counts() -> None:
    assert row((1, 1), (2, 6), (1, 50)).ratio == 3
    assert row((1, 1)).cpu_ratio == 3


@pytest.mark.parametrize(
    ("measured", "met"), [(row((1, 3)), True), (row((1, 1.9)), False), (row((1, 9), aim=None), None)]
)
def test_an_aim_is_met_or_missed_or_there_is_none(measured: Row, met: bool | None) -> None:
    assert measured.met is met


def test_the_table_says_what_is_compared_and_what_was_missed() -> None:
    ours, theirs = Side("Wardlink", "", 1, 1), Side("Orthanc", "1.10.1, DICOMweb plug-in 1.7", 2, 2)
    told = list(pairs.table([row((1, 1), (1, 3)), row((1, 9))], ours, theirs))
    assert "Orthanc 1.10.1, DICOMweb plug-in 1.7: medians of 2 interleaved pairs" in told[0]
    assert told[-2] == "| a thing | 1.00 (1.00) | 2.00 (3.00) | 2.0 (1.0–3.0) | 3.0 | ≥ 2.0 | met |"
    assert row((1, 1)).met is False


@pytest.mark.parametrize(
    ("kind", "aim"),
    [("STOW", 1.0), ("WADO", 1.5), ("frame", 3.0), ("series", 1.0), ("rendered CT, PNG", 2.0), ("QIDO", 1.0)],
)
def test_every_aim_of_the_requirement_is_measured(kind: str, aim: float) -> None:
    assert {work.aim for work in WORKS if work.name.startswith(kind) and work.aim} == {aim}

"""Codes of the Data Export protocol: each identifier and unit is what the Guide says it is."""

from decimal import Decimal

import pytest

from devices.codecs.intellivue import nomenclature, values
from devices.codecs.intellivue.message import attribute_list, listed
from devices.codecs.intellivue.values import Scale, State
from devices.errors import BadBytes
from devices.model.observation import NoValue, Quality


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (16770, "hr"),
        (16993, "pvc_rate"),
        (16994, "pvc_rate"),
        (769, "st_i"),
        (770, "st_ii"),
        (829, "st_iii"),
        (830, "st_avr"),
        (831, "st_avl"),
        (832, "st_avf"),
        (771, "st_v1"),
        (772, "st_v2"),
        (773, "st_v3"),
        (774, "st_v4"),
        (775, "st_v5"),
        (776, "st_v6"),
        (18458, "pr_spo2"),
        (18466, "pr_spo2"),
        (61669, "pr_nibp"),
        (18474, "pr_nibp"),
        (18949, "nibp_sys"),
        (18950, "nibp_dia"),
        (18951, "nibp_map"),
        (18945, "ibp_sys"),
        (18946, "ibp_dia"),
        (18947, "ibp_map"),
        (18961, "art_sys"),
        (18962, "art_dia"),
        (18963, "art_map"),
        (18965, "abp_sys"),
        (18966, "abp_dia"),
        (18967, "abp_map"),
        (18973, "pap_sys"),
        (18974, "pap_dia"),
        (18975, "pap_map"),
        (18980, "pawp"),
        (18995, "lap"),
        (18999, "rap"),
        (19015, "cvp"),
        (19204, "co"),
        (19260, "svo2"),
        (19272, "temp"),
        (19296, "temp_core"),
        (19300, "temp_esoph"),
        (19308, "temp_nasoph"),
        (19316, "temp_skin"),
        (19320, "temp_tymp"),
        (57348, "temp_rect"),
        (57364, "temp_blood"),
        (61636, "temp_blad"),
        (61639, "temp"),
        (61642, "temp"),
        (61643, None),
        (61704, "temp_oral"),
        (61708, "temp_axil"),
        (19376, "pi"),
        (19384, "spo2"),
        (20490, "rr"),
        (20498, "rr_co2"),
        (20636, "etco2"),
        (20656, "etco2"),
        (20646, "fico2"),
        (20666, "fico2"),
        (21124, "fio2"),
        (21368, "eto2"),
        (21036, "etn2o"),
        (21120, "fin2o"),
        (21024, "etsev"),
        (21108, "fisev"),
        (21028, "etiso"),
        (21112, "fiiso"),
        (21012, "etdes"),
        (21096, "fides"),
        (61534, "mac"),
        (22532, "cpp"),
        (22539, "icp"),
        (61514, "suppression_ratio"),
        (61518, "bis"),
        (61667, "ppv"),
        (63639, "tof_ratio"),
        (63659, "tof_count"),
        (18442, None),
        (0, None),
        (258, None),
    ],
)
def test_a_number_s_identifier_is_its_metric(code: int, name: str | None) -> None:
    assert nomenclature.numeric(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (257, "ecg_i"),
        (258, "ecg_ii"),
        (317, "ecg_iii"),
        (318, "ecg_avr"),
        (319, "ecg_avl"),
        (320, "ecg_avf"),
        (259, "ecg_v1"),
        (260, "ecg_v2"),
        (261, "ecg_v3"),
        (262, "ecg_v4"),
        (263, "ecg_v5"),
        (264, "ecg_v6"),
        (323, "ecg_v"),
        (331, None),
        (19380, "pleth"),
        (20480, "resp_wave"),
        (20652, "co2_wave"),
        (18944, "ibp_wave"),
        (18960, "abp_wave"),
        (18964, "abp_wave"),
        (18972, "pap_wave"),
        (19012, "cvp_wave"),
        (22536, "icp_wave"),
        (20720, "paw_wave"),
        (20692, "flow_wave"),
        (16770, None),
    ],
)
def test_a_wave_s_identifier_is_its_metric(code: int, name: str | None) -> None:
    assert nomenclature.wave(code) == name


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        *((512, "1"), (544, "%"), (1298, "mm"), (1618, "mL"), (2528, "/min"), (2720, "/min"), (2752, "/min")),
        *((2784, "/min"), (3072, "L/min"), (3090, "mL/min"), (3842, "hPa"), (3843, "kPa"), (3872, "mm[Hg]")),
        *((3904, "cm[H2O]"), (3954, "mbar"), (4274, "mV"), (4275, "uV"), (4288, "Ohm"), (4384, "K")),
        *((4416, "[degF]"), (6048, "Cel"), (9999, "9999")),
    ],
)
def test_a_unit_code_is_its_ucum_unit_and_an_unknown_one_its_number(code: int, unit: str) -> None:
    assert nomenclature.unit(code) == unit


@pytest.mark.parametrize(
    ("state", "reason", "quality"),
    [
        (0, None, Quality.GOOD),
        (State.INVALID, NoValue.INVALID, Quality.GOOD),
        (State.INVALID | State.UNAVAILABLE, NoValue.INVALID, Quality.GOOD),
        (State.UNAVAILABLE, NoValue.NOT_AVAILABLE, Quality.GOOD),
        (State.CALIBRATING, NoValue.MEASURING, Quality.GOOD),
        (State.QUESTIONABLE | State.DEMO_DATA, None, Quality.QUESTIONABLE | Quality.TEST_DATA),
        (State.VALIDATED, None, Quality.GOOD),
    ],
)
def test_a_state_is_a_reason_or_a_quality(state: int, reason: NoValue | None, quality: Quality) -> None:
    assert (values.reason(state), values.quality(state)) == (reason, quality)


def scale(array: str, period: str = "00000010", line: str | None = None) -> Scale | None:
    given = {values.SAMPLE_ARRAY: bytes.fromhex(array), values.SAMPLE_PERIOD: bytes.fromhex(period)}
    return Scale.decode({**given, **({values.SCALE_AND_RANGE: bytes.fromhex(line)} if line else {})})


@pytest.mark.parametrize(
    ("name", "array", "period", "line", "factor", "offset"),
    [
        ("ECG", "0080100e3000", "00000010", "fefff000fd009ffb00003fff", "0.005", "-40.96"),
        (
            "three ECG leads",
            "0040100e3000",
            "00000020",
            "fefff000fd009ffb00003fff",
            "0.005",
            "-40.96",
        ),
        ("ABP", "0020100da000", "00000040", "00ffffd80000020800a023a0", "0.0625", "-50"),
        (
            "respiration",
            "0010100c8000",
            "00000080",
            "fffffffaff00001300000fff",
            "0.000610500611",
            "-0.6",
        ),
        ("pleth", "0020100c8000", "00000040", "007fffff007fffff00000fff", "", ""),
    ],
)
def test_the_scales_of_a_recorded_monitor_are_read(
    name: str, array: str, period: str, line: str, factor: str, offset: str
) -> None:
    """Attributes of an M8000, from jaj42/intellipy's network recording: all cover 256 ms."""
    read = scale(array, period, line)
    assert read is not None, name
    assert read.seconds == Decimal("0.256")
    assert read.line == ((Decimal(factor), Decimal(offset)) if factor else None)


@pytest.mark.parametrize(
    "array", ["000010100000", "0020180c0000", "002010000000", "002010110000", "002008090000"]
)
def test_a_sample_array_that_cannot_be_is_bad_bytes(array: str) -> None:
    with pytest.raises(BadBytes):
        scale(array)


def test_a_wave_without_a_specification_has_no_scale_and_one_may_have_no_line() -> None:
    assert Scale.decode({}) is None
    read = scale("0020100c0000")
    assert read is not None
    assert read.line is None


def test_samples_of_one_byte_are_read() -> None:
    read = scale("000408080000")
    assert read is not None
    assert read.read(bytes((1, 2, 255))) == [1, 2, 255]


def test_texts_lose_their_terminator_and_spaces() -> None:
    assert values.texts(bytes.fromhex("000e00530070004f2082002000200000")) == "SpO₂"
    assert values.texts(values.encode_text("** HR HIGH")) == "** HR HIGH"


def test_a_product_s_texts_are_found_by_their_kind() -> None:
    def entry(kind: int, text: bytes) -> bytes:
        return kind.to_bytes(2, "big") + bytes(2) + len(text).to_bytes(2, "big") + text

    data = listed([entry(1, b"DE123\0"), entry(4, b"G.01.80 "), entry(1, b"other")])
    assert values.production(data) == {1: "DE123", 4: "G.01.80"}


def test_lists_have_their_count_and_length_before_them() -> None:
    assert attribute_list({0xF13E: b"\0\0\x1f\x40"}).hex() == "00010008f13e000400001f40"
    assert listed([]).hex() == "00000000"

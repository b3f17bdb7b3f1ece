"""Every field of the DRI's physiological database is where the specification puts it, in its unit.

The rows are read from the structures and tables of the Datex-Ohmeda Record Specification, chapter 3: group,
place of its structure in the class, field, place of the field in its group, raw value, number, unit, metric.
"""

import struct
from decimal import Decimal

import pytest

from devices.codecs.dri.physiological import CLASSES, SUBRECORD_BYTES, Field, Physiological
from devices.codecs.ieee11073 import Number
from devices.model.metrics import METRICS

STRUCTURES = (
    (
        *(("ecg", 16), ("p1", 14), ("p2", 14), ("p3", 14), ("p4", 14), ("nibp", 14)),
        *(("t1", 8), ("t2", 8), ("t3", 8), ("t4", 8), ("spo2", 14), ("co2", 14), ("o2", 10), ("n2o", 10)),
        *(("aa", 12), ("flow_vol", 22), ("co_wedge", 14), ("nmt", 12), ("ecg_extra", 6), ("svo2", 8)),
        *(("p5", 14), ("p6", 14), ("reserved", 2)),
    ),
    (
        *(("arrh_ecg", 48), ("ecg_12", 30), ("p7", 14), ("p8", 14), ("spo2_2", 14), ("t5", 8), ("t6", 8)),
        ("reserved", 134),
    ),
    (
        *(("nmt2", 24), ("eeg", 72), ("eeg_bis", 16), ("entropy", 28), ("reserved", 58), ("eeg2", 32)),
        *(("spi", 16), ("reserved", 24)),
    ),
    (
        *(("gasex", 14), ("flow_vol2", 46), ("bal", 10), ("tono", 22), ("aa2", 24), ("delp", 10)),
        *(("cpp", 8), ("cpp2", 8), ("picco", 54), ("reserved", 74)),
    ),
)
"""The structures of the classes in order, and their sizes."""

FIELDS = (
    (0, "ecg", "hr", 6, 72, "72", "/min", None),
    (0, "ecg", "st1", 8, 150, "0.150", "mV", None),
    (0, "ecg", "st2", 10, -50, "-0.050", "mV", None),
    (0, "ecg", "st3", 12, 0, "0", "mV", None),
    (0, "ecg", "imp_rr", 14, 15, "15", "/min", "rr_imped"),
    (0, "p1", "sys", 6, 12000, "120", "mm[Hg]", None),
    (0, "p2", "dia", 8, 7050, "70.5", "mm[Hg]", None),
    (0, "p3", "mean", 10, -250, "-2.5", "mm[Hg]", None),
    (0, "p4", "hr", 12, 61, "61", "/min", "pr_ibp"),
    (0, "p5", "sys", 6, 12000, "120", "mm[Hg]", None),
    (0, "p6", "mean", 10, 9000, "90", "mm[Hg]", None),
    (0, "nibp", "sys", 6, 11800, "118", "mm[Hg]", "nibp_sys"),
    (0, "nibp", "dia", 8, 7200, "72", "mm[Hg]", "nibp_dia"),
    (0, "nibp", "mean", 10, 8700, "87", "mm[Hg]", "nibp_map"),
    (0, "nibp", "hr", 12, 66, "66", "/min", "pr_nibp"),
    (0, "t1", "temp", 6, 3712, "37.12", "Cel", None),
    (0, "t2", "temp", 6, 3100, "31", "Cel", None),
    (0, "t3", "temp", 6, 3655, "36.55", "Cel", None),
    (0, "t4", "temp", 6, 3700, "37", "Cel", None),
    (0, "spo2", "SpO2", 6, 9665, "96.65", "%", "spo2"),
    (0, "spo2", "pr", 8, 83, "83", "/min", "pr_spo2"),
    (0, "spo2", "ir_amp", 10, 377, "3.77", "%", None),
    (0, "spo2", "SvO2", 12, 7000, "70", "%", None),
    (0, "co2", "et", 6, 487, "4.87", "%", None),
    (0, "co2", "fi", 8, 26, "0.26", "%", None),
    (0, "co2", "rr", 10, 15, "15", "/min", None),
    (0, "co2", "amb_press", 12, 7598, "759.8", "mm[Hg]", None),
    (0, "o2", "et", 6, 7600, "76", "%", "eto2"),
    (0, "o2", "fi", 8, 8000, "80", "%", "fio2"),
    (0, "n2o", "et", 6, 5000, "50", "%", "etn2o"),
    (0, "n2o", "fi", 8, 5500, "55", "%", "fin2o"),
    (0, "aa", "et", 6, 180, "1.8", "%", None),
    (0, "aa", "fi", 8, 210, "2.1", "%", None),
    (0, "aa", "mac_sum", 10, 95, "0.95", "1", "mac"),
    (0, "flow_vol", "rr", 6, 14, "14", "/min", "vent_rr_total"),
    (0, "flow_vol", "ppeak", 8, 1900, "19", "cm[H2O]", "vent_pip"),
    (0, "flow_vol", "peep", 10, 500, "5", "cm[H2O]", "vent_peep"),
    (0, "flow_vol", "pplat", 12, 1600, "16", "cm[H2O]", "vent_pplat"),
    (0, "flow_vol", "tv_insp", 14, 4805, "480.5", "mL", "vent_vt_insp"),
    (0, "flow_vol", "tv_exp", 16, 4700, "470", "mL", "vent_vt"),
    (0, "flow_vol", "compliance", 18, 4200, "42", "mL/cm[H2O]", "vent_cdyn"),
    (0, "flow_vol", "mv_exp", 20, 705, "7.05", "L/min", "vent_mv"),
    (0, "co_wedge", "co", 6, 5210, "5210", "mL/min", "co"),
    (0, "co_wedge", "blood_temp", 8, 3702, "37.02", "Cel", "temp_blood"),
    (0, "co_wedge", "ref", 10, 4500, "45", "%", None),
    (0, "co_wedge", "pcwp", 12, 900, "9", "mm[Hg]", "pawp"),
    (0, "nmt", "t1", 6, 800, "80", "%", None),
    (0, "nmt", "tratio", 8, 450, "45", "%", None),
    (0, "nmt", "ptc", 10, 31, "31", "1", None),
    (0, "ecg_extra", "hr_ecg", 0, 80, "80", "/min", "hr"),
    (0, "ecg_extra", "hr_max", 2, 82, "82", "/min", None),
    (0, "ecg_extra", "hr_min", 4, 71, "71", "/min", None),
    (0, "svo2", "svo2", 6, 7100, "71", "%", None),
    (1, "arrh_ecg", "hr", 6, 85, "85", "/min", None),
    (1, "arrh_ecg", "rr_time", 8, 750, "750", "ms", None),
    (1, "arrh_ecg", "pvc", 10, 2, "2", "/min", "pvc_rate"),
    (1, "ecg_12", "stI", 6, 10, "0.010", "mV", "st_i"),
    (1, "ecg_12", "stII", 8, 20, "0.020", "mV", "st_ii"),
    (1, "ecg_12", "stIII", 10, 30, "0.030", "mV", "st_iii"),
    (1, "ecg_12", "stAVL", 12, 40, "0.040", "mV", "st_avl"),
    (1, "ecg_12", "stAVR", 14, 50, "0.050", "mV", "st_avr"),
    (1, "ecg_12", "stAVF", 16, 60, "0.060", "mV", "st_avf"),
    (1, "ecg_12", "stV1", 18, 70, "0.070", "mV", "st_v1"),
    (1, "ecg_12", "stV2", 20, 80, "0.080", "mV", "st_v2"),
    (1, "ecg_12", "stV3", 22, 90, "0.090", "mV", "st_v3"),
    (1, "ecg_12", "stV4", 24, 100, "0.100", "mV", "st_v4"),
    (1, "ecg_12", "stV5", 26, 110, "0.110", "mV", "st_v5"),
    (1, "ecg_12", "stV6", 28, 120, "0.120", "mV", "st_v6"),
    (1, "p7", "sys", 6, 12000, "120", "mm[Hg]", None),
    (1, "p8", "dia", 8, 7000, "70", "mm[Hg]", None),
    (1, "spo2_2", "SpO2", 6, 9800, "98", "%", "spo2"),
    (1, "spo2_2", "pr", 8, 70, "70", "/min", "pr_spo2"),
    (1, "t5", "temp", 6, 3712, "37.12", "Cel", None),
    (1, "t6", "temp", 6, 3650, "36.5", "Cel", None),
    (2, "nmt2", "count", 6, 3, "3", "1", None),
    (2, "nmt2", "t1", 8, 40, "40", "1", None),
    (2, "nmt2", "t4", 14, 10, "10", "1", None),
    (2, "eeg", "femg", 6, 55, "5.5", "uV", None),
    (2, "eeg", "ampl_1", 8, 120, "12", "uV", None),
    (2, "eeg", "sef_1", 10, 155, "15.5", "Hz", None),
    (2, "eeg", "mf_1", 12, 60, "6", "Hz", None),
    (2, "eeg", "delta_1", 14, 60, "60", "%", None),
    (2, "eeg", "bsr_1", 22, 5, "5", "%", None),
    (2, "eeg", "ampl_2", 24, 120, "12", "uV", None),
    (2, "eeg", "ampl_4", 56, 120, "12", "uV", None),
    (2, "eeg", "bsr_4", 70, 5, "5", "%", None),
    (2, "eeg_bis", "bis", 6, 47, "47", "1", "bis"),
    (2, "eeg_bis", "sqi_val", 8, 95, "95", "%", None),
    (2, "eeg_bis", "emg_val", 10, 28, "28", "dB", None),
    (2, "eeg_bis", "sr_val", 12, 1, "1", "%", "suppression_ratio"),
    (2, "entropy", "eeg_ent", 6, 50, "50", "1", "state_entropy"),
    (2, "entropy", "emg_ent", 8, 61, "61", "1", "response_entropy"),
    (2, "entropy", "bsr_ent", 10, 2, "2", "%", "suppression_ratio"),
    (2, "spi", "spi_val", 6, 38, "38", "1", "surgical_pleth_index"),
    (3, "gasex", "vo2", 6, 2505, "250.5", "mL/min", None),
    (3, "gasex", "vco2", 8, 2000, "200", "mL/min", None),
    (3, "gasex", "ee", 10, 1800, "1800", "kcal/d", None),
    (3, "gasex", "rq", 12, 800, "0.8", "1", None),
    (3, "flow_vol2", "ipeep", 6, 80, "0.8", "cm[H2O]", "vent_peep_i"),
    (3, "flow_vol2", "pmean", 8, 920, "9.2", "cm[H2O]", "vent_pmean"),
    (3, "flow_vol2", "raw", 10, 1100, "11", "cm[H2O].s/L", "vent_raw"),
    (3, "flow_vol2", "mv_insp", 12, 720, "7.2", "L/min", None),
    (3, "flow_vol2", "epeep", 14, 500, "5", "cm[H2O]", None),
    (3, "flow_vol2", "mv_spont", 16, 120, "1.2", "L/min", "vent_mv_spont"),
    (3, "flow_vol2", "ie_ratio", 18, 50, "0.5", "1", None),
    (3, "flow_vol2", "insp_time", 20, 150, "1.5", "s", None),
    (3, "flow_vol2", "exp_time", 22, 250, "2.5", "s", None),
    (3, "flow_vol2", "static_compliance", 24, 4800, "48", "mL/cm[H2O]", "vent_cstat"),
    (3, "flow_vol2", "static_pplat", 26, 1500, "15", "cm[H2O]", None),
    (3, "flow_vol2", "static_peepe", 28, 500, "5", "cm[H2O]", None),
    (3, "flow_vol2", "static_peepi", 30, 100, "1", "cm[H2O]", None),
    (3, "bal", "et", 6, 2000, "20", "%", None),
    (3, "bal", "fi", 8, 1900, "19", "%", None),
    (3, "tono", "prco2", 6, 550, "5.5", "kPa", None),
    (3, "tono", "pa_delay", 12, 5, "5", "min", None),
    (3, "tono", "phi", 14, 735, "7.35", "1", None),
    (3, "tono", "amb_press", 18, 7600, "760", "mm[Hg]", None),
    (3, "aa2", "mac_age_sum", 6, 105, "1.05", "1", None),
    (3, "delp", "spv", 6, 700, "7", "mm[Hg]", None),
    (3, "delp", "ppv", 8, 800, "8", "%", "ppv"),
    (3, "cpp", "value", 6, 7500, "75", "mm[Hg]", "cpp"),
    (3, "cpp2", "value", 6, 7400, "74", "mm[Hg]", None),
    (3, "picco", "cci", 6, 3100, "3100", "mL/min/m2", None),
    (3, "picco", "cco", 8, 5600, "5600", "mL/min", None),
    (3, "picco", "cfi", 10, 550, "5.5", "/min", None),
    (3, "picco", "co", 14, 5500, "5500", "mL/min", None),
    (3, "picco", "dpmax", 20, 1200, "1200", "mm[Hg]/s", None),
    (3, "picco", "elwi", 22, 75, "7.5", "mL/kg", None),
    (3, "picco", "gef", 30, 250, "25", "%", None),
    (3, "picco", "ppv", 36, 95, "9.5", "%", None),
    (3, "picco", "pvpi", 38, 180, "1.8", "1", None),
    (3, "picco", "sv", 40, 750, "75", "mL", None),
    (3, "picco", "svr", 44, 1100, "1100", "dyn.s/cm5", None),
    (3, "picco", "svv", 48, 110, "11", "%", None),
    (3, "picco", "tblood", 50, 3710, "37.1", "Cel", None),
    (3, "picco", "tinj", 52, 800, "8", "Cel", None),
)

ALL = pytest.mark.parametrize("row", FIELDS, ids=lambda row: f"{row[1]}.{row[2]}")
Row = tuple[int, str, str, int, int, str, str, str | None]


def place(number: int, name: str) -> int:
    """Where a group begins in its class, by the structures before it."""
    at = 0
    for group, size in STRUCTURES[number]:
        if group == name:
            return at
        at += size
    raise KeyError(name)


def read(row: Row) -> tuple[Field, Number]:
    """The field, and its number in a subrecord that has the raw value at the specified place only."""
    number, group, name, offset, raw, *_ = row
    data = bytearray(SUBRECORD_BYTES)
    struct.pack_into("<h", data, 4 + place(number, group) + offset, raw)
    struct.pack_into("<H", data, SUBRECORD_BYTES - 2, number << 8)
    measured = Physiological.decode(bytes(data)).groups[group]
    field = next(field for field in measured.group.fields if field.name == name)
    return field, measured.number(name)


@pytest.mark.parametrize("number", range(4))
def test_the_structures_of_a_class_fill_its_270_bytes(number: int) -> None:
    assert sum(size for _, size in STRUCTURES[number]) == 270


@pytest.mark.parametrize("number", range(4))
def test_every_group_stands_where_its_structure_stands_and_fits_it(number: int) -> None:
    sizes = dict(STRUCTURES[number])
    for group in CLASSES[number]:
        assert group.offset == place(number, group.name)
        assert group.size <= sizes[group.name]


@ALL
def test_a_field_is_read_from_its_place_with_its_scale(row: Row) -> None:
    assert read(row)[1] == Decimal(row[5])


@ALL
def test_a_field_has_its_unit_and_its_metric(row: Row) -> None:
    field, _ = read(row)
    assert (field.unit, field.metric) == row[6:]
    assert field.metric is None or field.metric in METRICS


def test_no_field_of_a_class_is_named_twice() -> None:
    for groups in CLASSES:
        names = [f"{group.name}.{field.name}" for group in groups for field in group.fields]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("number", range(4))
def test_the_class_and_the_time_and_the_mark_stand_around_the_groups(number: int) -> None:
    data = bytearray(SUBRECORD_BYTES)
    struct.pack_into("<I", data, 0, 1532624765)
    struct.pack_into("<BBH", data, 274, 9, 0, number << 8 | 0xA1)
    one = Physiological.decode(bytes(data))
    assert (one.number, one.time, one.marker) == (number, 1532624765, 9)

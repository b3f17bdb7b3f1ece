"""What labels and status bits of the DRI mean, row by row of the specification's tables."""

import pytest

from devices.codecs.device_alarms import Alarm
from devices.codecs.dri import labels
from devices.codecs.dri.physiological import CLASSES, INVALID, Measured

ON = 3


def group(number: int, name: str, *raw: int, label: int = 0, status: int = ON) -> Measured:
    found = next(one for one in CLASSES[number] if one.name == name)
    return Measured(found, status, label, (*raw, *[INVALID] * (len(found.fields) - len(raw))))


def metric(one: Measured, field: str, level: int = 10) -> str | None:
    return labels.metric(one, next(f for f in one.group.fields if f.name == field), level)


@pytest.mark.parametrize(
    ("label", "name", "mean"),
    [
        (0, "", None),
        (1, "ART", "abp_map"),
        (2, "CVP", "cvp"),
        (3, "PA", "pap_map"),
        (4, "RAP", "rap"),
        (5, "RVP", None),
        (6, "LAP", "lap"),
        (7, "ICP", "icp"),
        (8, "ABP", "abp_map"),
        (9, "P1", "ibp_map"),
        (10, "P2", "ibp_map"),
        (11, "P3", "ibp_map"),
        (12, "P4", "ibp_map"),
        (13, "P5", "ibp_map"),
        (14, "P6", "ibp_map"),
        (15, "SP", None),
        (16, "FEM", None),
        (17, "UAC", None),
        (18, "UVC", None),
        (19, "ICP2", None),
        (20, "P7", "ibp_map"),
        (21, "P8", "ibp_map"),
        (22, "FEMV", None),
        (23, "", None),
        (65535, "", None),
    ],
)
def test_a_pressure_label_is_that_of_table_3_16(label: int, name: str, mean: str | None) -> None:
    assert labels.pressure_label(label) == name
    assert metric(group(0, "p1", label=label), "mean") == mean


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (0, None),
        (1, "temp_esoph"),
        (2, "temp_nasoph"),
        (3, "temp_tymp"),
        (4, "temp_rect"),
        (5, "temp_blad"),
        (6, "temp_axil"),
        (7, "temp_skin"),
        (8, "temp_airway"),
        (9, None),
        (10, None),
        (11, "temp"),
        (12, "temp"),
        (13, "temp"),
        (14, "temp"),
        (15, "temp_core"),
        (16, "temp_skin"),
        (17, "temp"),
        (18, "temp"),
        (19, None),
    ],
)
def test_a_temperature_label_is_that_of_table_3_20(label: int, expected: str | None) -> None:
    assert metric(group(0, "t3", label=label), "temp") == expected
    assert metric(group(1, "t5", label=label), "temp") == expected


@pytest.mark.parametrize(
    ("code", "lead"),
    [(0, ""), (1, "i"), (2, "ii"), (3, "iii"), (4, "avr"), (5, "avl"), (6, "avf"), (7, "v"), (8, "")],
)
def test_a_lead_is_that_of_tables_3_12_and_3_13(code: int, lead: str) -> None:
    assert labels.ecg_lead(code << 8, 1) == lead
    assert labels.ecg_lead(code << 4, 2) == lead
    assert labels.ecg_lead(code, 3) == lead


@pytest.mark.parametrize(("channel", "expected"), [("st1", "st_ii"), ("st2", None), ("st3", "st_avf")])
def test_an_st_level_is_of_its_channel_s_lead_but_for_v(channel: str, expected: str | None) -> None:
    assert metric(group(0, "ecg", label=0x276), channel) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *((0, "hr"), (1, "hr"), (2, "pr_ibp"), (3, "pr_ibp"), (4, "pr_ibp"), (5, "pr_ibp"), (6, "pr_spo2")),
        *((7, "pr_ibp"), (8, "pr_ibp"), (9, "hr"), (10, "pr_ibp"), (11, "pr_ibp"), (12, None), (13, None)),
    ],
)
def test_a_heart_rate_source_is_that_of_table_3_11(source: int, expected: str | None) -> None:
    assert metric(group(0, "ecg", status=ON | source << 3), "hr") == expected


@pytest.mark.parametrize(
    ("label", "expiratory", "inspiratory"),
    [
        (0, None, None),
        (1, None, None),
        (2, None, None),
        (3, None, None),
        (4, "etiso", "fiiso"),
        (5, "etdes", "fides"),
        (6, "etsev", "fisev"),
    ],
)
def test_an_agent_is_that_of_table_3_35(label: int, expiratory: str | None, inspiratory: str | None) -> None:
    one = group(0, "aa", label=label)
    assert (metric(one, "et"), metric(one, "fi")) == (expiratory, inspiratory)


@pytest.mark.parametrize(("label", "expected"), [(0, None), (1, None), (2, "svo2")])
def test_a_saturation_is_that_of_table_3_46(label: int, expected: str | None) -> None:
    assert metric(group(0, "svo2", label=label), "svo2") == expected
    assert metric(group(0, "spo2", label=label), "SvO2") == expected


@pytest.mark.parametrize(("mode", "expected"), [(0, "tof_ratio"), (1, None), (2, None), (3, None)])
def test_a_ratio_is_of_four_twitches_only_in_that_mode(mode: int, expected: str | None) -> None:
    assert metric(group(0, "nmt", status=ON | mode << 2), "tratio") == expected


@pytest.mark.parametrize(
    ("number", "name", "bit", "condition"),
    [
        (0, "ecg", 7, "ecg-noise"),
        (0, "ecg", 8, "ecg-artifact"),
        (0, "ecg", 9, "ecg-learning"),
        (0, "p2", 2, "ibp-2-zeroing"),
        (1, "p8", 2, "ibp-8-zeroing"),
        (0, "co2", 3, "co2-calibrating"),
        (0, "co2", 4, "co2-zeroing"),
        (0, "co2", 5, "co2-occlusion"),
        (0, "co2", 6, "co2-air-leak"),
        (0, "flow_vol", 2, "airway-disconnected"),
        (0, "flow_vol", 5, "airway-obstruction"),
        (0, "flow_vol", 6, "airway-leak"),
        (0, "svo2", 3, "svo2-cable-faulty"),
        (0, "svo2", 4, "svo2-no-cable"),
        (0, "svo2", 5, "svo2-not-calibrated"),
        (2, "entropy", 2, "entropy-cable-off"),
        (2, "entropy", 3, "entropy-no-sensor"),
        (2, "entropy", 4, "entropy-sensor-off"),
    ],
)
def test_a_status_bit_is_a_condition_while_its_module_exists(
    number: int, name: str, bit: int, condition: str
) -> None:
    there, gone = group(number, name, status=1 | 1 << bit), group(number, name, status=1 << bit)
    assert labels.conditions({name: there}) == [condition]
    assert labels.conditions({name: gone}) == []


def test_a_cuff_that_measures_says_so_in_its_label() -> None:
    assert labels.conditions({"nibp": group(0, "nibp", label=0x12B)}) == ["nibp-measuring"]
    assert labels.conditions({"nibp": group(0, "nibp", label=0x10B)}) == []


@pytest.mark.parametrize(
    ("bit", "code"),
    [
        (0, "asystole"),
        (1, "ventricular-fibrillation"),
        (2, "rapid-ventricular-tachycardia"),
        (3, "ventricular-tachycardia"),
        (4, "extreme-bradycardia"),
        (5, "extreme-tachycardia"),
        (6, "pvc-run"),
        (7, "long-r-to-r-interval"),
        (8, "pvc-triplet"),
        (9, "pvc-couplet"),
        (10, "r-on-t-pvc"),
        (11, "idioventricular-rhythm"),
        (12, "ventricular-bigeminy"),
        (13, "ventricular-trigeminy"),
        (14, "frequent-pvcs"),
        (15, "multifocal-pvcs"),
        (16, "supraventricular-tachycardia"),
        (17, "frequent-svcs"),
        (18, "missing-beat"),
        (19, "unclassified-arrhythmia"),
        (20, "noisy-ecg"),
        (21, "problem-qrs"),
        (22, "low-amplitude"),
        (23, "salvo"),
        (24, "pacer-non-functional"),
        (25, "pacer-non-capture"),
        (26, "new-qrs"),
        (27, "bradycardia"),
        (28, "tachycardia"),
        (29, "ventricular-bradycardia"),
    ],
)
def test_an_arrhythmia_bit_is_that_of_table_3_51(bit: int, code: str) -> None:
    bits = 1 << bit
    low, high = (word - 65536 if word > 32767 else word for word in (bits & 0xFFFF, bits >> 16))
    assert [*labels.alarms({"arrh_ecg": group(1, "arrh_ecg", 60, 1000, 0, low, high)})] == [
        f"arrhythmia-{code}"
    ]


def test_that_arrhythmias_are_not_analysed_is_no_alarm() -> None:
    assert labels.alarms({"arrh_ecg": group(1, "arrh_ecg", 60, 1000, 0, 0, 0x4000)}) == {}
    assert labels.alarms({"arrh_ecg": group(1, "arrh_ecg", 60, 1000, 0, 1, 0, status=1)}) == {}


@pytest.mark.parametrize(
    ("name", "bit", "code"), [("ecg", 2, "asystole"), ("co2", 2, "co2-apnea"), ("co2", 7, "resp-apnea")]
)
def test_asystole_and_apnea_are_alarms_while_their_group_measures(name: str, bit: int, code: str) -> None:
    assert labels.alarms({name: group(0, name, status=ON | 1 << bit)}) == {code: Alarm(code)}
    assert labels.alarms({name: group(0, name, status=1 | 1 << bit)}) == {}

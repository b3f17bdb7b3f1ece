"""MEDIBUS codes: each quantity by its own code and page, in the unit that its device sends."""

import pytest

from devices.codecs.medibus.codec import Medibus
from devices.codecs.medibus.codes import MEANINGS, RANKED
from devices.codecs.medibus.frames import Code, response
from devices.codecs.medibus.records import SETTING_WIDTH, VALUE_WIDTH, Value, encode_values
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles._draeger import ANAESTHESIA, VENTILATOR

NOW = Instant(0)
PAGE_1 = [
    (0x88, " 450", "vent_vt", "450"),
    (0x82, "0.45", "vent_vt", "450"),
    (0x84, " 300", "vent_vt_spont", "300"),
    (0x7F, "0.31", "vent_vt_spont", "310"),
    (0xB9, " 6.8", "vent_mv", "6.8"),
    (0xB7, " 1.2", "vent_mv_spont", "1.2"),
    (0x7D, "  22", "vent_pip", "22.43"),
    (0x73, "  11", "vent_pmean", "11.22"),
    (0x74, "  18", "vent_pplat", "18.35"),
    (0x78, "   5", "vent_peep", "5.10"),
    (0x07, "  45", "vent_cdyn", "44.129925"),
    (0x08, "  12", "vent_raw", "12.24"),
    (0xD6, "  15", "vent_rr_total", "15"),
    (0xD7, "  16", "vent_rr_total", "16"),
    (0xD9, "  17", "vent_rr_total", "17"),
    (0xB4, "  18", "vent_rr_total", "18"),
    (0xB5, "   4", "vent_rr_spont", "4"),
    (0xD5, "  15", "rr_co2", "15"),
    (0xB3, "   7", "vent_leak", "7"),
    (0xC1, "34.5", "temp_airway", "34.5"),
    (0xF0, "  40", "fio2", "40"),
    (0xEF, "  35", "eto2", "35"),
    (0xE6, "  38", "etco2", "38"),
    (0xE3, " 5.0", "etco2", "37.503"),
    (0xE5, "   1", "fico2", "1"),
    (0xFF, " 0.2", "fico2", "1.500"),
    (0xFB, "  60", "fin2o", "60"),
    (0xFC, "  58", "etn2o", "58"),
    (0xB0, " 2.4", "fisev", "2.4"),
    (0xB1, " 2.1", "etsev", "2.1"),
    (0xAE, " 6.0", "fides", "6.0"),
    (0xAF, " 5.8", "etdes", "5.8"),
    (0xF8, " 1.2", "fiiso", "1.2"),
    (0xF9, " 1.0", "etiso", "1.0"),
    (0xAD, " 0.9", "mac", "0.9"),
    (0xEB, "  97", "spo2", "97"),
    (0xE1, "  72", "pr_spo2", "72"),
]
PAGE_2 = [
    (0x21, " 452", "vent_vt", "452"),
    (0x22, " 458", "vent_vt_insp", "458"),
    (0x00, " 280", "vent_vt_spont", "280"),
    (0x0A, "  50", "vent_cstat", "49.03325"),
]


def said(page: Code, code: int, text: str) -> list[object]:
    width = SETTING_WIDTH if page is Code.SETTINGS else VALUE_WIDTH
    return [*Medibus().receive_data(response(page, encode_values([Value(code, text)], width)), NOW)]


@pytest.mark.parametrize(("code", "text", "metric", "value"), PAGE_1)
def test_a_code_of_the_first_page_is_its_metric(code: int, text: str, metric: str, value: str) -> None:
    [reading] = said(Code.DATA_1, code, text)
    assert isinstance(reading, Reading)
    assert (reading.metric, str(reading.value)) == (metric, value)


@pytest.mark.parametrize(("code", "text", "metric", "value"), PAGE_2)
def test_a_code_of_the_second_page_is_its_metric(code: int, text: str, metric: str, value: str) -> None:
    [reading] = said(Code.DATA_2, code, text)
    assert isinstance(reading, Reading)
    assert (reading.metric, str(reading.value)) == (metric, value)


def test_all_codes_with_a_metric_are_tried_here() -> None:
    tried = {(Code.DATA_1, row[0]) for row in PAGE_1} | {(Code.DATA_2, row[0]) for row in PAGE_2}
    settings = {(Code.SETTINGS, 0x09), (Code.SETTINGS, 0x0A)}
    assert tried | settings == {key for key, meaning in MEANINGS.items() if meaning.metric}


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Code.DATA_1, 0x06),
        (Code.DATA_1, 0x03),
        (Code.DATA_1, 0x79),
        (Code.DATA_1, 0x59),
        (Code.DATA_1, 0xDB),
        (Code.DATA_1, 0xEA),
        (Code.DATA_1, 0x83),
        (Code.DATA_1, 0x8B),
        (Code.DATA_2, 0x88),
        (Code.SETTINGS, 0x01),
        (Code.SETTINGS, 0x0B),
    ],
)
def test_what_means_different_things_or_is_set_has_no_metric(page: Code, code: int) -> None:
    [event] = said(page, code, " 5.0")
    assert isinstance(event, DeviceEvent)
    assert event.kind == EventKind.UNMAPPED
    assert (event.detail["code"], event.detail["value"]) == (f"{page:02X}:{code:02X}", "5.0")


@pytest.mark.parametrize(("code", "rate"), [(0x09, "12.0"), (0x0A, "10")])
def test_the_set_rate_is_told_by_either_code(code: int, rate: str) -> None:
    [reading] = said(Code.SETTINGS, code, rate)
    assert isinstance(reading, Reading)
    assert (reading.metric, str(reading.value)) == ("vent_rr_set", rate)


def test_an_anaesthesia_machine_has_what_a_ventilator_has_and_its_gases() -> None:
    assert set(VENTILATOR) < set(ANAESTHESIA)
    assert "etsev" in set(ANAESTHESIA) - set(VENTILATOR)
    assert set(RANKED) <= set(ANAESTHESIA)

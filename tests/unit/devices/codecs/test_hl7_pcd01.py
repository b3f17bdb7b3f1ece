"""Monitors in HL7: a number is shown only if it is certain what, of whom and from when it is."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import JournalledCodec, Said
from devices.codecs.hl7.message import Message
from devices.codecs.hl7.mllp import encode
from devices.codecs.hl7.pcd01 import Pcd01
from devices.model.metrics import METRICS
from devices.model.observation import (
    NO_SAMPLE,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Quality,
    Reading,
    Waveform,
    later,
)
from tests.support.captures import briefly

NOW = Instant(10_000_000_000_000)
TIME = "20260101120000"
SPO2 = "150456^MDC_PULS_OXIM_SAT_O2^MDC"
HR = "147842^MDC_ECG_HEART_RATE^MDC"
PERCENT = "262688^MDC_DIM_PERCENT^MDC"
BPM = "264864^MDC_DIM_BEAT_PER_MIN^MDC"


def message(
    *lines: str, trigger: str = "R01", time: str = TIME, processing: str = "P", who: str = ""
) -> bytes:
    head = f"MSH|^~\\&|MON^0A^EUI-64|ACME|||{time}||ORU^{trigger}|7|{processing}|2.6|||NE|AL"
    return encode("\r".join([head, *filter(None, who.split("\n")), *lines, ""]).encode())


def obx(term: str, value: str, unit: str = "", *, channel: str = "1", flag: str = "", rest: str = "R") -> str:
    return f"OBX|1|NM|{term}|{channel}|{value}|{unit}||{flag}|||{rest}"


def said_by(data: bytes, codec: Pcd01 | None = None, now: Instant = NOW) -> list[Said]:
    return (codec or Pcd01()).receive_data(data, now)


def readings(said: list[Said]) -> list[Reading]:
    return [one for one in said if isinstance(one, Reading)]


def values(said: list[Said]) -> list[tuple[str, Decimal | None]]:
    return [(one.metric, one.value) for one in readings(said)]


def details(said: list[Said], kind: EventKind) -> list[dict[str, str | int]]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


def one(*args: str, **kwargs: str) -> list[tuple[str, Decimal | None]]:
    return values(said_by(message(obx(*args, **kwargs))))


@pytest.mark.parametrize(
    ("term", "metric"),
    [
        (SPO2, "spo2"),
        ("150456^^MDC", "spo2"),
        ("150456", None),
        ("^MDC_PULS_OXIM_SAT_O2^MDC", "spo2"),
        ("MDC_PULS_OXIM_SAT_O2", "spo2"),
        ("1^MDC_PULS_OXIM_SAT_O2^MDC", "spo2"),
        ("tt-0005-05^MDC_PULS_OXIM_SAT_O2^MDC", "spo2"),
        ("150448^MDC_PULS_OXIM_PERF_REL^MDC", "pi"),
        ("59408-5^Oxygen saturation^LN^150456^MDC_PULS_OXIM_SAT_O2^MDC", "spo2"),
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC^59408-5^Oxygen saturation^LN", "spo2"),
        ("150456^MDC_BLD_PERF_INDEX^MDC", None),
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC^150488^MDC_BLD_PERF_INDEX^MDC", None),
        ("150456^Something^99VENDOR", None),
        ("0002-4bb8^SpO2^MDIL", "spo2"),
        ("0002-4BB8^SpO2^MDIL", "spo2"),
        ("0003-4bb8^SpO2^MDIL", None),
        ("327680^SPO2_SPO2^EHC", "spo2"),
        ("327680^SPO2_PR^EHC", None),
        ("160^SpO2", "spo2"),
        ("160^HR", None),
        ("160^SpO2^L", None),
        ("", None),
    ],
)
def test_a_term_is_a_metric_without_doubt_or_none(term: str, metric: str | None) -> None:
    assert one(term, "97", PERCENT) == ([(metric, Decimal(97))] if metric else [])


@pytest.mark.parametrize(
    ("term", "unit", "metric"),
    [
        ("150301^MDC_PRESS_CUFF_SYS^MDC", "266016^MDC_DIM_MMHG^MDC", "nibp_sys"),
        ("150031^MDC_PRESS_CUFF_SYS^MDC", "266016^MDC_DIM_MMHG^MDC", "nibp_sys"),
        ("150302^MDC_PRESS_CUFF_DIA^MDC", "mm[Hg]^mm[Hg]^UCUM", "nibp_dia"),
        ("150303^MDC_PRESS_CUFF_MEAN^MDC", "mmHg", "nibp_map"),
        ("151728^MDC_AWAY_CO2_ET^MDC", "266016^^MDC", "etco2"),
        ("149538^MDC_PLETH_PULS_RATE^MDC", BPM, "pr_spo2"),
        ("149514^MDC_PULS_RATE^MDC", BPM, None),
        ("150017^MDC_PRESS_BLD_NONINV_SYS^MDC", "mmHg", "nibp_sys"),
        ("150017^MDC_PRESS_BLD_SYS^MDC", "mmHg", "ibp_sys"),
        ("150021^MDC_PRESS_BLD_ART_SYS^MDC", "mmHg", None),
        ("149522^MDC_PULS_RATE^MDC", BPM, None),
        ("149522^MDC_BLD_PULS_RATE_INV^MDC", BPM, "pr_ibp"),
        ("0002-500a^RR^MDIL", "0004-0ae0^rpm^MDIL", "rr"),
        ("0002-5000^Resp^MDIL", "0004-0ae0^rpm^MDIL", "rr"),
        ("0002-480a^Pulse^MDIL", "0004-0aa0^bpm^MDIL", None),
        ("0002-4a05^NBPs^MDIL", "0004-0f20^mmHg^MDIL", "nibp_sys"),
        (HR, "{beat}/min^{beat}/min^UCUM", "hr"),
        (HR, "bpm", "hr"),
        (HR, "", "hr"),
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "", None),
        (HR, "266016^MDC_DIM_MMHG^MDC", None),
        (HR, "266016^MDC_DIM_BEAT_PER_MIN^MDC", None),
        ("150488^MDC_BLD_PERF_INDEX^MDC", "262656^MDC_DIM_DIMLESS^MDC", None),
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "parsec", None),
    ],
)
def test_a_unit_that_does_not_fit_makes_no_number(term: str, unit: str, metric: str | None) -> None:
    assert one(term, "60", unit) == ([(metric, Decimal(60))] if metric else [])


@pytest.mark.parametrize(
    ("term", "unit", "metric"),
    [
        ("8867-4^Heart rate^LN", "bpm", "hr"),
        ("8867-4^HEART_RATE", "/min", "hr"),
        ("8867-4^Heart rate^LN", "bpm^beats/min^UCUM", "hr"),
        ("HR^Heart rate^99X^8867-4^Heart rate^LN", "/min", "hr"),
        ("8889-8^Pulse^LN", "/min", "pr_spo2"),
        ("2708-6^SpO2^LN", "%", "spo2"),
        ("59408-5^SpO2^LOINC", "%", "spo2"),
        ("9279-1^RR^LN", "{breaths}/min", "rr"),
        ("8480-6^NBP Systolic^LN", "mmHg", "nibp_sys"),
        ("8462-4^NBP Diastolic^LN", "mm(hg)", "nibp_dia"),
        ("8478-0^Mean BP^LN", "mm[Hg]^millimeter of mercury^UCUM", "nibp_map"),
        ("8310-5^Temp^LN", "C", "temp"),
        ("8480-6^NBP Systolic^LN", "", None),
        ("8867-4^Heart rate^99X", "/min", None),
        ("8867-5^Heart rate^LN", "/min", None),
        ("149514^MDC_PULS_RATE^MDC^8867-4^Heart rate^LN", "/min", None),
        ("8867-4^Heart rate^LN^9279-1^RR^LN", "/min", None),
        ("150456^MDC_BLD_PERF_INDEX^MDC^59408-5^SpO2^LN", "%", None),
    ],
)
def test_a_vital_sign_may_be_named_by_loinc_alone(term: str, unit: str, metric: str | None) -> None:
    assert one(term, "37", unit) == ([(metric, Decimal(37))] if metric else [])


@pytest.mark.parametrize(
    ("term", "value", "unit", "told"),
    [
        ("150344^MDC_TEMP^MDC", "98.6", "266560^MDC_DIM_FAHR^MDC", "37"),
        ("150344^MDC_TEMP^MDC", "98.6", "268224^MDC_DIM_FAHR^MDC", "37"),
        ("150344^MDC_TEMP^MDC", "310.15", "266528^MDC_DIM_KELVIN^MDC", "37"),
        ("150344^MDC_TEMP^MDC", "36.7", "Cel", "36.7"),
        ("150344^MDC_TEMP^MDC", "36.7", "0004-17a0^°C^MDIL", "36.7"),
        ("188736^MDC_MASS_BODY_ACTUAL^MDC", "70500", "263872^MDC_DIM_X_G^MDC", "70.5"),
        ("131842^MDC_ECG_AMPL_ST_II^MDC", "120", "266419^MDC_DIM_MICRO_VOLT^MDC", "0.12"),
        ("151980^MDC_VENT_VOL_TIDAL^MDC", "0.45", "263744^MDC_DIM_X_L^MDC", "450"),
        ("8310-5^Temperature^LN", "98.6", "degF", "37"),
    ],
)
def test_units_are_converted_exactly(term: str, value: str, unit: str, told: str) -> None:
    assert [number for _, number in one(term, value, unit)] == [Decimal(told)]


@pytest.mark.parametrize("term", ["15074-8^Glucose^LN", "2339-0^Glucose^LN", "160020^MDC_CONC_GLU_GEN^MDC"])
@pytest.mark.parametrize(
    ("unit", "metric"),
    [
        ("mmol/L", "glucose_molar"),
        ("266866^MDC_DIM_MILLI_MOLE_PER_L^MDC", "glucose_molar"),
        ("mg/dL", "glucose"),
    ],
)
def test_glucose_stays_in_the_unit_that_was_told_whatever_its_term(term: str, unit: str, metric: str) -> None:
    assert one(term, "5.5", unit) == [(metric, Decimal("5.5"))]


def test_kilopascals_become_millimetres_of_mercury() -> None:
    number = one("151708^MDC_CONC_AWAY_CO2_ET^MDC", "5.0", "265987^MDC_DIM_KILO_PASCAL^MDC")[0][1]
    assert number is not None
    assert round(number, 1) == Decimal("37.5")


@pytest.mark.parametrize("value", ["-100", "-999", "-99.9", "-100.00", "-1", "", "---", "-?-", "*"])
def test_a_sentinel_is_no_value(value: str) -> None:
    found = readings(said_by(message(obx(SPO2, value, PERCENT))))
    assert [(reading.value, reading.reason) for reading in found] == [(None, NoValue.NOT_AVAILABLE)]


@pytest.mark.parametrize("value", ["-2", "-99", "-999.9", "-9999", "-1.0"])
def test_what_is_below_zero_is_no_value_where_nothing_can_be(value: str) -> None:
    assert one("149530^MDC_PULS_OXIM_PULS_RATE^MDC", value, "264864^MDC_DIM_BEAT_PER_MIN^MDC") == [
        ("pr_spo2", None)
    ]


@pytest.mark.parametrize(("value", "told"), [("-2", Decimal(-2)), ("-50", Decimal(-50)), ("-51", None)])
def test_a_pressure_below_zero_is_a_value_until_it_is_impossible(value: str, told: Decimal | None) -> None:
    assert one("150087^MDC_PRESS_BLD_VEN_CENT_MEAN^MDC", value, "mm[Hg]") == [("cvp", told)]


def test_whether_a_value_is_impossible_depends_on_its_unit() -> None:
    st = "131842^MDC_ECG_AMPL_ST_II^MDC"
    assert one(st, "-50", "uV") == [("st_ii", Decimal("-0.05"))]


def test_minus_one_is_no_value_of_a_pressure_that_no_patient_has() -> None:
    assert one("150037^MDC_PRESS_BLD_ART_ABP_SYS^MDC", "-1", "mm[Hg]") == [("abp_sys", None)]


def test_minus_one_is_a_value_where_a_metric_can_be_negative() -> None:
    cvp = "150087^MDC_PRESS_BLD_VEN_CENT_MEAN^MDC"
    assert one(cvp, "-1", "mm[Hg]") == [("cvp", Decimal(-1))]


@pytest.mark.parametrize("status", ["X", "N", "D", "W"])
def test_a_status_can_take_a_value_back(status: str) -> None:
    assert one(SPO2, "97", PERCENT, rest=status) == [("spo2", None)]


@pytest.mark.parametrize(("flag", "reason"), [("INV", NoValue.INVALID), ("NAV", NoValue.NOT_AVAILABLE)])
def test_a_state_can_take_a_value_back(flag: str, reason: NoValue) -> None:
    found = readings(said_by(message(obx(SPO2, "97", PERCENT, flag=flag))))
    assert [(reading.value, reading.reason) for reading in found] == [(None, reason)]


@pytest.mark.parametrize(
    ("flag", "quality"),
    [
        ("", Quality.GOOD),
        ("H", Quality.GOOD),
        ("DEMO", Quality.TEST_DATA),
        ("TEST", Quality.TEST_DATA),
        ("H~QUES", Quality.QUESTIONABLE),
    ],
)
def test_a_state_can_be_held_against_a_value(flag: str, quality: Quality) -> None:
    assert [r.quality for r in readings(said_by(message(obx(SPO2, "97", PERCENT, flag=flag))))] == [quality]


def test_training_is_test_data() -> None:
    said = said_by(message(obx(SPO2, "97", PERCENT), processing="T"))
    assert [reading.quality for reading in readings(said)] == [Quality.TEST_DATA]


@pytest.mark.parametrize("value", ["97%", ">97", "9 7", "0x61", "9,7", "97^98", "97~98", ">^97", "^97^-^98"])
def test_what_is_no_number_is_kept_and_not_shown(value: str) -> None:
    said = said_by(message(obx(SPO2, value, PERCENT)))
    assert readings(said) == []
    assert len(details(said, EventKind.UNMAPPED)) == 1


def test_a_structured_number_is_a_number() -> None:
    assert one(SPO2, "^97", PERCENT) == one(SPO2, "=^97", PERCENT) == [("spo2", Decimal(97))]


def test_a_setting_is_no_measurement() -> None:
    line = obx("151976^MDC_VENT_PRESS_AWAY_END_EXP_POS^MDC", "8", "cm[H2O]") + "||||||ASET^auto-setting^MDC"
    said = said_by(message(line))
    assert readings(said) == []
    assert details(said, EventKind.UNMAPPED)[0]["value"] == "8"
    assert values(said_by(message(line.replace("ASET", "AMEAS")))) == [("vent_peep", Decimal(8))]


def test_of_several_channels_the_first_is_taken() -> None:
    term = "150344^MDC_TEMP^MDC"
    said = said_by(
        message(obx(term, "37.0", "Cel", channel="1.2.1"), obx(term, "32.5", "Cel", channel="1.2.2"))
    )
    assert values(said) == [("temp", Decimal("37.0"))]
    assert [(d["value"], d["channel"]) for d in details(said, EventKind.UNMAPPED)] == [("32.5", "1.2.2")]


def test_containers_say_nothing() -> None:
    said = said_by(message("OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X"))
    assert [kind for kind, *_ in briefly(said)] == ["identity"]


def test_a_private_code_is_kept_and_told_when_it_changes() -> None:
    codec = Pcd01()
    said = [
        s for value in ("1", "1", "2") for s in said_by(message(obx("108^PAUSES^99X", value, BPM)), codec)
    ]
    assert [detail["value"] for detail in details(said, EventKind.UNMAPPED)] == ["1", "2"]


@pytest.mark.parametrize(
    ("told", "age_s", "quality"),
    [
        ("20260101120000", 0, Quality.GOOD),
        ("20260101115910", 50, Quality.GOOD),
        ("20260101115000", 600, Quality.STORED),
        ("20260101115000.123", 600, Quality.STORED),
        ("20260101115000000+0000", 600, Quality.STORED),
        ("20260101120100", 0, Quality.GOOD),
        ("20260101130000", 0, Quality.QUESTIONABLE),
        ("20261301000000", 0, Quality.GOOD),
        ("soon", 0, Quality.GOOD),
    ],
)
def test_a_value_is_placed_by_the_device_s_own_clock(told: str, age_s: int, quality: Quality) -> None:
    found = readings(said_by(message(obx(SPO2, "97", PERCENT, rest=f"R|||{told}"))))
    assert [(reading.at, reading.quality) for reading in found] == [(later(NOW, -age_s), quality)]


def test_zones_count_where_both_times_tell_them() -> None:
    line = obx(SPO2, "97", PERCENT, rest="R|||20260101140000+0200")
    found = readings(said_by(message(line, time="20260101120000+0000")))
    assert [(reading.at, reading.quality) for reading in found] == [(NOW, Quality.GOOD)]
    found = readings(
        said_by(message(obx(SPO2, "97", PERCENT, rest="R|||20260101120000"), time="20260101120000-0500"))
    )
    assert [(reading.at, reading.quality) for reading in found] == [(NOW, Quality.GOOD)]


def test_the_device_s_clock_is_told_with_what_it_belongs_to() -> None:
    said = said_by(message(obx(SPO2, "97", PERCENT), obx(HR, "60", BPM, rest="R|||20260101115000")))
    clocks = [s for s in said if isinstance(s, DeviceEvent) and s.kind == EventKind.DEVICE_CLOCK]
    assert {(event.at, event.detail["time"]) for event in clocks} == {
        (NOW, "2026-01-01T12:00:00"),
        (later(NOW, -600), "2026-01-01T11:50:00"),
    }


def test_a_cuff_pressure_that_is_repeated_is_told_once() -> None:
    codec, term = Pcd01(), "150021^MDC_PRESS_BLD_NONINV_SYS^MDC"
    said: list[Said] = []
    for second, (value, told) in enumerate(
        [("120", "115950"), ("120", "115950"), ("120", "115959"), ("121", "115959")]
    ):
        line = obx(term, value, "mmHg", rest=f"R|||20260101{told}")
        said += said_by(message(line, time=f"202601011200{second:02}"), codec)
    assert [number for _, number in values(said)] == [Decimal(120), Decimal(120), Decimal(121)]


def test_a_value_of_the_moment_is_told_again_and_again() -> None:
    codec = Pcd01()
    said = [
        s for _ in range(3) for s in said_by(message(obx(SPO2, "97", PERCENT, rest=f"R|||{TIME}")), codec)
    ]
    assert len(values(said)) == 3


WARD = "PID|||A\nPV1||I|ICU^^5"


@pytest.mark.parametrize(
    ("first", "second", "is_ours"),
    [
        (WARD, WARD, True),
        (WARD, "PID|||A\nPV1||I|ICU^^6", False),
        (WARD, "PID|||B\nPV1||I|ICU^^6", False),
        (WARD, "PID|||B\nPV1||I|ICU^^5", True),
        (WARD, "PID|||B\nPV1||I", False),
        (WARD, "PID|||A", True),
        (WARD, "", True),
        ("PID|||A", "PID|||B", False),
        ("PID|||^^^^PI||^^^^^^L\nPV1||I|^^^", WARD, True),
        ("", WARD, True),
    ],
)
def test_values_of_another_bed_or_patient_are_never_shown_as_this_one_s(
    first: str, second: str, is_ours: bool
) -> None:
    codec = Pcd01()
    said_by(message(obx(SPO2, "97", PERCENT), who=first), codec)
    said = said_by(message(obx(SPO2, "81", PERCENT), obx("108^X^99X", "1"), who=second), codec)
    assert values(said) == ([("spo2", Decimal(81))] if is_ours else [])
    assert details(said, EventKind.STATUS) == ([] if is_ours else [{"other-bed": 1}])
    if not is_ours:
        assert {detail["value"] for detail in details(said, EventKind.UNMAPPED)} == {"81", "1"}


def test_the_patients_of_one_message_are_told_apart() -> None:
    said = said_by(
        message(
            "PID|||A", "PV1||I|ICU^^5", "OBR|1", obx(SPO2, "97", PERCENT),
            "PID|||B", "PV1||I|ICU^^6", "OBR|1", obx(SPO2, "81", PERCENT),
        )
    )  # fmt: skip
    assert values(said) == [("spo2", Decimal(97))]
    assert details(said, EventKind.UNMAPPED)[0]["bed"] == "ICU^^6"


def test_another_bed_s_condition_ends_when_it_is_heard_no_more() -> None:
    codec = Pcd01()
    said_by(message(who=WARD), codec)
    said_by(message(obx(SPO2, "81", PERCENT), who="PV1||I|ICU^^6"), codec)
    due = codec.next_timer()
    assert due == later(NOW, codec.OTHER_BED_S)
    assert due is not None
    assert details(codec.handle_timer(due), EventKind.STATUS) == [{"other-bed": 0}]


def test_the_bed_the_patient_and_the_device_are_told_when_they_change() -> None:
    codec = Pcd01()
    said = [s for who in ("", WARD, WARD) for s in said_by(message(obx(SPO2, "97", PERCENT), who=who), codec)]
    device: dict[str, str | int] = {"manufacturer": "ACME", "model": "MON", "device-id": "0A"}
    assert details(said, EventKind.IDENTITY) == [device, device | {"location": "ICU^^5", "patient": "A"}]


ALARM = "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.1|196680^MDC_EVT_LEAD_OFF^MDC|||A~PL~ST"
SPO2_LOW = "OBX|1|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.1|SPO2 LOW|||L~PH~SP"


def alarms(*lines: str, trigger: str = "R40", codec: Pcd01 | None = None) -> list[dict[str, str | int]]:
    said = said_by(message(*lines, trigger=trigger), codec)
    assert readings(said) == []
    return details(said, EventKind.DEVICE_ALARM)


@pytest.mark.parametrize("trigger", ["R40", "R40^ORU_R40", "R04", "R41"])
def test_an_alarm_never_changes_a_value(trigger: str) -> None:
    found = alarms(SPO2_LOW, obx(SPO2, "81", PERCENT), trigger=trigger)
    assert [(a["code"], a["text"], a["value"], a["priority"], a["active"]) for a in found] == [
        ("MDC_EVT_LO_VAL_LT_LIM", "SPO2 LOW", "81", "high", 1)
    ]


def test_an_alarm_among_observations_is_known_by_its_order() -> None:
    said = said_by(message("OBR|1|||196616^MDC_EVT_ALARM^MDC", ALARM, "OBR|2|||X", obx(SPO2, "97", PERCENT)))
    assert [a["code"] for a in details(said, EventKind.DEVICE_ALARM)] == ["MDC_EVT_LEAD_OFF"]
    assert values(said) == [("spo2", Decimal(97))]


@pytest.mark.parametrize(
    ("phase", "state", "active"),
    [("start", "active", 1), ("update", "active", 1), ("end", "inactive", 0), ("end", "", 0), ("", "off", 0)],
)
@pytest.mark.parametrize(
    "names", [("MDC_ATTR_EVENT_PHASE", "MDC_ATTR_ALARM_STATE"), ("EVENT_PHASE", "MDC_ATTR_ALERT_STATE")]
)
def test_an_alarm_begins_and_ends(names: tuple[str, str], phase: str, state: str, active: int) -> None:
    found = alarms(
        ALARM, f"OBX|2|ST|68481^{names[0]}^MDC|1.2|{phase}", f"OBX|3|ST|68482^{names[1]}^MDC|1.3|{state}"
    )
    assert [(a["code"], a["active"], a["priority"]) for a in found] == [("MDC_EVT_LEAD_OFF", active, "low")]


def test_an_alarm_that_goes_on_is_told_once() -> None:
    codec = Pcd01()
    assert [len(alarms(ALARM, codec=codec)) for _ in range(3)] == [1, 0, 0]


def test_several_alarms_in_one_message_are_several() -> None:
    assert [
        a["code"] for a in alarms(ALARM, "OBX|2|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.2|PM", SPO2_LOW)
    ] == [
        "MDC_EVT_LEAD_OFF",
        "MDC_EVT_LO_VAL_LT_LIM",
    ]


def test_a_watchdog_is_no_alarm() -> None:
    assert alarms("OBX|1|ST|258047^MDC_EVT_ACTIVE^MDC|1.1|Heartbeat") == []


def test_an_alarm_of_a_kind_without_a_term_is_kept() -> None:
    found = alarms("OBR|1|||Arrhythmia", "OBX|1|TX|LABEL||VTach")
    assert [(a["code"], a["text"]) for a in found] == [("Arrhythmia", "VTach")]


def test_an_alarm_of_another_bed_is_none_of_this_one() -> None:
    codec = Pcd01()
    said_by(message(who=WARD), codec)
    said = said_by(message(ALARM, trigger="R40", who="PV1||I|ICU^^6"), codec)
    assert details(said, EventKind.DEVICE_ALARM) == []
    assert details(said, EventKind.UNMAPPED)[0]["bed"] == "ICU^^6"


def test_philips_alerts_last_while_they_are_listed() -> None:
    codec = Pcd01()
    line = "OBX||TX|2^Yellow Alarm^MDIL-ALERT||** SpO2 81 < 90"
    said = said_by(message(line, obx(SPO2, "81", PERCENT)), codec)
    assert [(a["text"], a["active"], a["priority"]) for a in details(said, EventKind.DEVICE_ALARM)] == [
        ("** SpO2 81 < 90", 1, "medium")
    ]
    assert values(said) == [("spo2", Decimal(81))]
    assert details(said_by(message(line), codec, later(NOW, 60)), EventKind.DEVICE_ALARM) == []
    due = codec.next_timer()
    assert due == later(NOW, 180)
    assert due is not None
    assert [a["active"] for a in details(codec.handle_timer(due), EventKind.DEVICE_ALARM)] == [0]


def samples(wave: Waveform) -> list[int]:
    return list(memoryview(wave.samples).cast("h"))


ECG = "OBX|1|NA|131329^MDC_ECG_ELEC_POTL_I^MDC|1.7|"
RATE = "OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.7.1|500|264640^MDC_DIM_HZ^MDC"
RESOLUTION = "OBX|3|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|1.7.2|0.001221|266418^MDC_DIM_MILLI_VOLT^MDC"


def waves(*lines: str) -> list[Waveform]:
    return [one for one in said_by(message(*lines)) if isinstance(one, Waveform)]


def test_a_waveform_has_its_rate_its_scale_and_ends_at_its_arrival() -> None:
    wave = waves(f"{ECG}80^-88^92", RATE, RESOLUTION)[0]
    assert (wave.metric, wave.rate_mhz, wave.scale) == ("ecg_i", 500_000, Decimal("0.001221"))
    assert samples(wave) == [80, -88, 92]
    assert wave.at == NOW - 4_000_000


def test_samples_in_their_own_unit_keep_their_digits() -> None:
    wave = waves(f"{ECG}-0.537^0.5421^1|266418^MDC_DIM_MILLI_VOLT^MDC", RATE)[0]
    assert [sample * wave.scale for sample in samples(wave)] == [
        Decimal("-0.537"),
        Decimal("0.5421"),
        Decimal(1),
    ]


def test_a_sample_that_is_marked_or_missing_is_none() -> None:
    marks = "OBX|4|NM|196660^MDC_EVT_INOP^MDC|1.7.3|32767"
    assert samples(waves(f"{ECG}80^32767^^92", RATE, RESOLUTION, marks)[0]) == [80, NO_SAMPLE, NO_SAMPLE, 92]


def test_attributes_belong_to_the_wave_that_their_place_names() -> None:
    pleth = "OBX|5|NA|150452^MDC_PULS_OXIM_PLETH^MDC|1.3|1^2"
    found = waves(f"{ECG}1^2", pleth, RATE, RESOLUTION, "OBX|6|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.3.1|60|Hz")
    assert {wave.metric: wave.rate_mhz for wave in found} == {"ecg_i": 500_000, "pleth": 60_000}


@pytest.mark.parametrize(
    "lines",
    [
        (f"{ECG}1^2", RESOLUTION),
        (f"{ECG}1^2", RATE),
        (f"{ECG}1^2|262656^MDC_DIM_DIMLESS^MDC", RATE),
        (f"{ECG}1^99999", RATE, RESOLUTION),
        ("OBX|1|NA|150456^MDC_PULS_OXIM_SAT_O2_WAVEFORM^MDC|1.7|1^2|262688^MDC_DIM_PERCENT^MDC", RATE),
        ("OBX|1|NA|131330^MDC_PULS_OXIM_PLETH^MDC|1.7|1^2", RATE),
    ],
)
def test_a_waveform_of_which_something_is_not_known_is_not_told(lines: tuple[str, ...]) -> None:
    said = said_by(message(*lines))
    assert not [one for one in said if isinstance(one, Waveform | Reading)]
    assert [detail["value"] for detail in details(said, EventKind.UNMAPPED)] == ["2 samples"]


def test_a_message_is_acknowledged_only_when_it_is_on_disk() -> None:
    codec = Pcd01()
    assert isinstance(codec, JournalledCodec)
    said_by(message(obx(SPO2, "97", PERCENT)), codec)
    assert codec.awaits_journal()
    assert codec.data_to_send() == b""
    codec.journalled(NOW)
    assert Message.parse(codec.data_to_send()).find("MSA").text(1) == "AA"


def test_a_query_is_refused() -> None:
    codec = Pcd01()
    said_by(encode(b"MSH|^~\\&|M||||||QRY^A19|1|P|2.3.1\rQRD|1"), codec)
    assert Message.parse(codec.data_to_send()).find("MSA").text(1) == "AR"


def test_every_metric_with_an_ieee_term_is_known_by_it() -> None:
    for metric in METRICS.values():
        if metric.mdc_code and metric.mdc_refid and not metric.is_waveform:
            found = one(
                f"{metric.mdc_code}^{metric.mdc_refid}^MDC", "50", f"{metric.unit}^{metric.unit}^UCUM"
            )
            name = metric.name.replace("art_", "abp_")
            assert found in ([], [(name, Decimal(50))])


@given(st.lists(st.integers(0, 300), max_size=20))
def test_a_stream_says_the_same_however_it_is_cut(cuts: list[int]) -> None:
    stream = message(obx(SPO2, "97", PERCENT)) + b"junk" + message(obx(HR, "60", BPM))
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    codec = Pcd01()
    pieces = [s for a, b in pairwise(places) for s in said_by(stream[a:b], codec)]
    assert values(pieces) == values(said_by(stream)) == [("spo2", Decimal(97)), ("hr", Decimal(60))]


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_arbitrary_segments_never_raise(line: str, term: str, value: str) -> None:
    codec = Pcd01()
    said_by(message(f"OBX|1|NA|{term}|1|{value}", RATE, line, obx(term, value, value)), codec)
    said_by(message(f"OBX|1|ST|{term}|1|{value}", line, trigger="R40"), codec)
    codec.journalled(NOW)
    while (due := codec.next_timer()) is not None:
        codec.handle_timer(due)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(garbage: bytes) -> None:
    assert readings(said_by(garbage)) == []


@pytest.mark.parametrize("value", ["nan", "NaN", "N/A", "---", "INVALID"])
def test_a_word_for_no_number_is_no_value(value: str) -> None:
    (reading,) = readings(said_by(message(obx(SPO2, value, PERCENT))))
    assert (reading.value, reading.reason) == (None, NoValue.NOT_AVAILABLE)

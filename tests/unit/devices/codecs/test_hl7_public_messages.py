# ruff: noqa: E501 - messages stand here as they were published
"""Monitors' messages as other projects have them: what is certain is a reading, the rest is kept as it was sent.

Each is shortened to the lines that say something of its own.
"""

from decimal import Decimal

import pytest

from devices.codecs import Said
from devices.codecs.hl7.pcd01 import Pcd01
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform

NOW = Instant(10_000_000_000_000)

COMEN = """MSH|^~\\&|NC_Monitor|KC261551373G|||20250610015127+0800||ORU^R01^ORU_R01|202506100151270003|P|2.6||||||UNICODE UTF-8
PID|||10006||lee|||M||Unknown
PV1||I|^^&10|R
OBR||||1^MON_PARAM^99COMEN|||20250610015127+0800
OBX||NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||F|||20250610015127+0800
OBX||NM|160324^MDC_SPO2_SIGNAL_QUALITY_INDEX^MDC|1.3.1.160324|3.56|262688^MDC_DIM_PERCENT^MDC|||||F|||20250610015127+0800
OBX||NM|149522^MDC_PULS_RATE^MDC|1.0.0.149522|59|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||20250610015127+0800
OBX||NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.2.150456|96|262688^MDC_DIM_PERCENT^MDC|||||F|||20250610015127+0800
OBX||NM|151562^MDC_RESP_RATE^MDC|1.14.1.151562|20|264928^MDC_DIM_RESP_PER_MIN^MDC|||||F|||20250610015127+0800
OBX||NM|150344^MDC_TEMP^MDC|1.2.1.150344|37.0|268192^MDC_DIM_DEGC^MDC|||||F|||20250610015127+0800
OBX||CNE|2453^COMEN_POS_BODY^99COMEN|1.1.9.2453|2821^COMEN_POS_SITTING^99COMEN||||||F|||20250610015127+0800
OBX||NM|188740^MDC_LEN_BODY_ACTUAL^MDC|1.10.1.188740||263441^MDC_DIM_CENTI_M^MDC|||||F|||20250610015127+0800"""

COMEN_SPOT = """MSH|^~\\&||KC575235977G|||20260726231332.1106+0800||ORU^R01|20260726231332.11090007|P|2.6
PID|||MRN12123
PV1||I|^^&24|0|||99999
OBR||||2^MON_SPOT_DATA^99COMEN|||20260726231331
OBX||NM|150301^MDC_PRESS_CUFF_SYS^MDC|1.1.9.150301|120|266016^MDC_DIM_MMHG^MDC|90^160||||F|||20260726231331+0800
OBX||NM|150303^MDC_PRESS_CUFF_MEAN^MDC|1.1.9.150303|90|266016^MDC_DIM_MMHG^MDC|60^110||||F|||20260726231331+0800
OBX||NM|150302^MDC_PRESS_CUFF_DIA^MDC|1.1.9.150302|80|266016^MDC_DIM_MMHG^MDC|50^90||||F|||20260726231331+0800
OBX||NM|149522^MDC_PULS_RATE^MDC|1.0.0.149522|60|264864^MDC_DIM_BEAT_PER_MIN^MDC|50^120||||F|||20260726231331+0800
OBX||NM|150344^MDC_TEMP^MDC|1.2.1.150344|39.00|268192^MDC_DIM_DEGC^MDC|36.0^39.0||||F|||20260726231331+0800
OBX||NM|2269^COMEN_TEMP_POS^99COMEN||Ear||||||F|||20260726231331+0800
OBX||ST|2275^COMEN_HANDLER^99COMEN||||||||F|||20260726231331+0800"""

NORTHERN = """MSH|^~\\&|northern|patient monitor^|||20250612090838||ORU^R01^ORU_R01|1362|P|2.6|
PID|||0001||||00000000|M|
PV1||I|^^
OBR|1||||||20250612090838|
OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|-100|262688^MDC_DIM_PERCENT^MDC|||||F||||
OBX|2|NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.3.1.149530|-100|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F||||
OBX|3|NM|150344^MDC_TEMP^MDC|1.2.1.150344|38.5|268192^MDC_DIM_DEGC^MDC|||||F||||
OBX|3|NM|150031^MDC_PRESS_CUFF_SYS^MDC|1.1.9.150301|142|266016^MDC_DIM_MMHG^MDC|||||F||APERIODIC|20250612093319|
OBX|4|NM|150303^MDC_PRESS_CUFF_MEAN^MDC|1.1.9.150303|114|266016^MDC_DIM_MMHG^MDC|||||F||APERIODIC|20250612093319|"""

LOINC = """MSH|^~\\&|SIM|WARD|NC5_GATEWAY|SMARTWARD|20260726121500||ORU^R01|X2|P|2.4
PID|||55555
OBX|1|NM|8480-6^NBP Systolic^LN||120|mmHg|||||F
OBX|2|NM|8462-4^NBP Diastolic^LN||80|mmHg|||||F
OBX|3|NM|8867-4^Heart Rate^LN||72|bpm|||||F
OBX|4|NM|59408-5^SpO2^LN||98|%|||||F
OBX|5|NM|8310-5^Temperature^LN||98.6|degF|||||F"""

GE_VSP = """MSH|^~\\&|VSP^080019FFFE0B4020^EUI-64|GE Healthcare|||20121109160900||ORU^R01^ORU_R01|1|P|2.6|||NE|AL||UNICODE UTF-8|||PCD_DEC_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO
PID||1|HED12^^^PID^MR||LAZY^KITTY^^^^^L|||
PV1||E|ICU^^79874
OBR|1|080019FFFE0B402020121109160900^VSP^080019FFFE0B4020^EUI-64||182777000^monitoring of patient^SCT|||20121109160900
OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X
OBX|2||69854^MDC_DEV_METER_PRESS_BLD_VMD^MDC|1.13.0.0|||||||X
OBX|4|NM|150033^MDC_PRESS_BLD_ART_SYS^MDC|1.13.1.1|120|266016^MDC_DIM_MMHG^MDC|||||R||||||080019FFFE0B4020^B1X5_GE
OBX|11|NM|147842^MDC_ECG_HEART_RATE^MDC|1.5.1.1|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R||||||080019FFFE0B4020^B1X5_GE
OBX|28|NM|151594^MDC_CO2_RESP_RATE^MDC|1.11.1.3|14|264928^MDC_DIM_RESP_PER_MIN^MDC|||||R|"""

MINDRAY_OLD_GATEWAY = """MSH|^~\\&|Mindray|Gateway|||||ORU^R01|2|P|2.3.1|
PID|||M1015_00010||John^||20091112|M|||^^^^|||
PV1||I|^^ICU&Bed5&3232241659&0&0|||||||||||||||A
OBR||||Mindray Monitor|||20091203121631|
OBX||NM|52^Height||169.0||||||F
OBX||CE|2302^BloodType||1^A||||||F
OBX||NM|101^HR|2101|60||||||F
OBX||NM|151^RR|2102|20||||||F
OBX||NM|200^T1|2104|37.00||||||F
OBX||NM|160^SpO2|2103|-100.00||||||F
OBX||NM|500^ART-Sys|2116|120||||||F"""

EFFICIA = """MSH|^~\\&|^EfficiaCM||||20130103021726||ORU^R01^ORU_R01|CN92390246|P|2.4
PID|||1234||^Erick^
PV1|||^^|||||||||||||||A|1234
ORC|NW|||||||||||||||||CN92390246
OBR||||MONITOR|||20130103021700|||
OBX||NM|0002-4182^HR^MDIL||60|0004-0aa0^bpm^MDIL|||||F
OBX||NM|0002-4bb8^SpO2^MDIL||96|0004-0220^%^MDIL|||||F
OBX||NM|0002-5000^Resp^MDIL||20|0004-0ae0^rpm^MDIL|||||F
OBX||NM|0002-480a^Pulse^MDIL||59|0004-0aa0^bpm^MDIL|||||F"""

EFFICIA_ALARM = """MSH|^~\\&|^EfficiaCM||||20130103020458||ORU^R01^ORU_R01|CN1|P|2.4
OBR||||ALARM|||20130103020458|||
OBX||TX|2^Yellow Alarm^MDIL-ALERT||SpO₂ baja, SpO₂ = 80 %||||||F"""

HAPI_PHD = """MSH|^~\\&|AcmeInc^ACDE48234567ABCD^EUI-64||||20090713090030+0000||ORU^R01^ORU_R01|MSGID1234|P|2.6|||NE|AL
PID|||1^^^Imaginary Hospital^PI ||Doe^John^Joseph^^^^L^A|||M|||||0123456789
OBR|1|AB12345^AcmeAHDInc^ACDE48234567ABCD^EUI-64|||182777000^monitoring of patient^SNOMED-CT
OBX|1|CWE|68220^MDC_TIME_SYNC_PROTOCOL^MDC|0.0.0.1|532224^MDC_TIME_SYNC_NONE^MDC|||||R
OBX|2||528391^MDC_DEV_SPEC_PROFILE_BP^MDC|1|||||||X|||||||0123456789ABCDEF^EUI-64
OBX|4|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.0.1.1|120|266016^MDC_DIM_MMHG^MDC|||||R
OBX|5|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.0.1.2|80|266016^MDC_DIM_MMHG^MDC|||||R
OBX|7|DTM|67975^MDC_ATTR_TIME_ABS^MDC|1.0.0.1|20091028123702||||||R"""

XH80X_WAVE = """MSH|^~\\&|XH80X^00A037009B000000^EUI-64||||||ORU^W01^ORU_W01|42|P|2.4|||AL|NE||UNICODE UTF-8
PID|||^^^^PI||^^^^^^L|||||
OBR|1||42^XH80X^00A037009B000000^EUI-64|CONTINUOUS WAVEFORM||||
OBX|1|NA|131330^MDC_ECG_ELEC_POTL_II^MDC|1.7.6.131330|1^2^3|262656^MDC_DIM_DIMLESS^MDC
OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.7.6.131330.1|500|264608^MDC_DIM_PER_SEC^MDC"""

SLLMDILAB_WAVE = """MSH|^~\\&|SendingApplication|SendingFacility|||20120530112345||ORU^R01^ORU_R01|9879790004|P|2.6
PV1||I|ICU^2^23
OBR|2||XXX|0^WAVEFORM|||20150617120000.000|20150617120001.000
OBX|1001|NA|131329^MDC_ECG_LEAD_I^MDC|1.1.1.1001|-0.53714565^-0.54203324^-0.53128055|266418^MDC_DIM_MILLI_VOLT^MDC|||||F
OBX|1002|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.1.1.1001.1|150.0|264608^MDC_DIM_PER_SEC|||||F
OBX|1003|NR|0^MDC_ATTR_DATA_RANGE^MDC|1.1.1.1001.2|-5.0^10.0|266418^MDC_DIM_MILLI_VOLT^MDC|||||F"""

GE_MURAL_ALARM = """MSH|^~\\&|GE_Mural_DH_NM|GE_BLR_LAB|ASCOM|GE_MKE_ILAB|20210122052031.040+0000||ORU^R40^ORU_R40|75063efd|P|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO
PV1||I|ICU^B1^B1^GE_BLR_LAB
OBR|1|56eb716f^GE_Mural_DH_NM|56eb716f^GE_Mural_DH_NM|196616^MDC_EVT_ALARM^MDC|||20210120082326.275+0000
OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X
OBX|2|ST|0^MDCX_EVT_ALERT_ADVISORY^MDC|1.0.0.0.1|HYPERTENSION-Alert Recheck BP|||A~PM~SA|||R
OBX|3|ST|68164^MDC_ATTR_ALERT_SOURCE^MDC|1.0.0.0.2|GE_Mural_DH_NM|||A~PM~SA|||R
OBX|4|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|update|||A~PM~SA|||R
OBX|5|ST|68166^MDC_ATTR_ALERT_STATE^MDC|1.0.0.0.4|active|||A~PM~SA|||R
OBX|6|ST|68167^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.0.0.0.5|enabled|||A~PM~SA|||R
OBX|7|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.0.0.0.6|PM|||A~PM~SA|||R"""

DRAEGER_WATCHDOG = """MSH|^~\\&|0030E60000000001^EUI-64|Draeger|||20191105183941+0100||ORU^R40^ORU_R40|79|D|2.6|||AL|NE
PV1|||TAM^^^SC8^^tkl
OBR|1||0^urn:uuid:df041f5c^0030E60000000001^EUI-64|196616^MDC_EVT_ALARM^MDC|||20191105183941+0100
OBX|1|ST|258047^MDC_EVT_ACTIVE^MDC|1.0.0.0.1|Heartbeat-useless||||||F
OBX|3|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|start||||||F"""


def said_by(text: str) -> list[Said]:
    codec = Pcd01()
    said = codec.receive_data(b"\x0b" + text.replace("\n", "\r").encode() + b"\x1c\r", NOW)
    codec.journalled(NOW)
    assert b"|" in codec.data_to_send()
    return said


def shown(said: list[Said]) -> dict[str, str]:
    return {one.metric: str(one.value) for one in said if isinstance(one, Reading)}


def details(said: list[Said], kind: EventKind) -> list[dict[str, str | int]]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected", "kept"),
    [
        (
            COMEN,
            {"spo2": "97", "rr": "20", "temp": "37.0", "height": "None"},
            ["160324", "149522", "150456", "2453"],
        ),
        (
            COMEN_SPOT,
            {"nibp_sys": "120", "nibp_map": "90", "nibp_dia": "80", "temp": "39.00"},
            ["149522", "2269"],
        ),
        (
            NORTHERN,
            {"spo2": "None", "pr_spo2": "None", "temp": "38.5", "nibp_sys": "142", "nibp_map": "114"},
            [],
        ),
        (LOINC, {"nibp_sys": "120", "nibp_dia": "80", "hr": "72", "spo2": "98", "temp": "37"}, []),
        (GE_VSP, {"abp_sys": "120", "hr": "72", "rr_co2": "14"}, []),
        (MINDRAY_OLD_GATEWAY, {"hr": "60", "rr": "20", "spo2": "None"}, ["52", "2302", "200", "500"]),
        (EFFICIA, {"hr": "60", "spo2": "96", "rr": "20"}, ["0002-480a"]),
        (HAPI_PHD, {"nibp_sys": "120", "nibp_dia": "80"}, ["68220", "67975"]),
        (XH80X_WAVE, {}, ["131330"]),
        (EFFICIA_ALARM, {}, []),
        (GE_MURAL_ALARM, {}, []),
        (DRAEGER_WATCHDOG, {}, []),
    ],
    ids=[
        "comen",
        "comen-spot",
        "northern",
        "loinc",
        "ge",
        "mindray",
        "efficia",
        "hapi",
        "xh80x",
        "efficia-alarm",
        "ge-alarm",
        "draeger",
    ],
)
def test_a_message_shows_what_is_certain_and_keeps_the_rest(
    text: str, expected: dict[str, str], kept: list[str]
) -> None:
    said = said_by(text)
    assert shown(said) == expected
    assert [detail["code"] for detail in details(said, EventKind.UNMAPPED)] == kept


def test_a_bed_is_told_from_what_stands_in_pv1() -> None:
    places = [details(said_by(text), EventKind.IDENTITY)[0] for text in (COMEN, GE_VSP, MINDRAY_OLD_GATEWAY)]
    assert [(one["location"], one["patient"]) for one in places] == [
        ("10", "10006"),
        ("ICU^^79874", "HED12"),
        ("ICU&Bed5&3232241659&0&0", "M1015_00010"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "priority"),
    [
        (EFFICIA_ALARM, "SpO₂ baja, SpO₂ = 80 %", "medium"),
        (GE_MURAL_ALARM, "MDCX_EVT_ALERT_ADVISORY", "medium"),
    ],
)
def test_an_alarm_is_an_alarm(text: str, code: str, priority: str) -> None:
    found = details(said_by(text), EventKind.DEVICE_ALARM)
    assert [(one["code"], one["active"], one["priority"]) for one in found] == [(code, 1, priority)]


def test_a_watchdog_is_no_alarm() -> None:
    assert details(said_by(DRAEGER_WATCHDOG), EventKind.DEVICE_ALARM) == []


def test_a_waveform_in_millivolts_has_its_rate_and_values() -> None:
    waves = [one for one in said_by(SLLMDILAB_WAVE) if isinstance(one, Waveform)]
    assert [(wave.metric, wave.rate_mhz) for wave in waves] == [("ecg_i", 150_000)]
    values = [sample * waves[0].scale for sample in memoryview(waves[0].samples).cast("h")]
    told = [Decimal("-0.53714565"), Decimal("-0.54203324"), Decimal("-0.53128055")]
    assert all(abs(a - b) <= waves[0].scale / 2 for a, b in zip(values, told, strict=True))
    assert waves[0].scale == Decimal("0.0001")

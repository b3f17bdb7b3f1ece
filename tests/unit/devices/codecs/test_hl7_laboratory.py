"""Laboratory results in HL7: each is told as it was sent, and acknowledged when it is on disk."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import JournalledCodec, Said
from devices.codecs.hl7.laboratory import LaboratoryOru
from devices.codecs.hl7.message import Message
from devices.codecs.hl7.mllp import encode
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform, later
from tests.support.captures import briefly

NOW = Instant(1_000_000_000_000)
OBR = "OBR|1|PLACER|FILLER|CBC|||20260101020304"


def msh(kind: str = "ORU^R01", accept: str = "", application: str = "", processing: str = "P") -> str:
    return f"MSH|^~\\&|LIS|LAB|||20260101||{kind}|17|{processing}|2.5.1|||{accept}|{application}"


def oru(*lines: str, head: str | None = None) -> bytes:
    return encode("\r".join([head or msh(), *lines, ""]).encode())


def said_by(data: bytes, codec: LaboratoryOru | None = None) -> list[Said]:
    return (codec or LaboratoryOru()).receive_data(data, NOW)


def details(said: list[Said], kind: EventKind = EventKind.LAB_RESULT) -> list[dict[str, str | int]]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


def result(obx: str, *lines: str) -> dict[str, str | int]:
    return details(said_by(oru(*(lines or (OBR,)), obx)))[0]


def answers(codec: LaboratoryOru) -> list[list[str]]:
    sent = codec.data_to_send().split(b"\x1c\r")[:-1]
    found = [Message.parse(one).find("MSA") for one in sent]
    return [[msa.text(1), msa.text(2)] for msa in found]


def test_a_result_has_all_that_its_segment_and_those_before_it_say() -> None:
    lines = ["PID|1||MRN7^^^H^MR||Doe^Jane", OBR]
    obx = "OBX|1|NM|GLU^Glucose^99L^2345-7^Glucose^LN|1|5.4|mmol/L|3.9-5.8|H~A|||F|||20260102030405"
    assert result(obx, *lines) == {
        "code": "GLU",
        "system": "99L",
        "value": "5.4",
        "analyser": "LIS/LAB",
        "text": "Glucose",
        "unit": "mmol/L",
        "loinc": "2345-7",
        "flags": "H,A",
        "status": "F",
        "range": "3.9-5.8",
        "specimen": "PLACER",
        "patient": "MRN7",
        "time": "20260102030405",
    }


def test_a_laboratory_result_is_never_a_reading() -> None:
    said = said_by(
        oru(OBR, "OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC||60|/min", "OBX|2|NM|59408-5^SpO2^LN||97|%")
    )
    assert len(details(said)) == 2
    assert not [one for one in said if isinstance(one, Reading | Waveform)]


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("NM", "5.40", "5.40"),
        ("ST", ">500", ">500"),
        ("SN", "^182", "182"),
        ("SN", "<^0.04", "<0.04"),
        ("SN", "^1^:^128", "1:128"),
        ("SN", "<=^8", "<=8"),
        ("CE", "POS^Positive^L", "Positive"),
        ("CWE", "T", "T"),
        ("TX", "line one~line two", "line one\nline two"),
        ("FT", "one\\.br\\two", "one\ntwo"),
        ("", "1.2E3", "1.2E3"),
        ("NM", "", ""),
        ("NM", "***.**", "***.**"),
        ("IS", "T", "T"),
    ],
)
def test_a_value_is_told_as_its_type_means_it(kind: str, sent: str, told: str) -> None:
    assert result(f"OBX|1|{kind}|X||{sent}|u")["value"] == told


def test_a_coded_value_keeps_its_code() -> None:
    assert result("OBX|1|CWE|X||260385009^Negative^SCT")["value-code"] == "260385009"


@pytest.mark.parametrize(
    ("identifier", "code", "system", "loinc"),
    [
        ("6690-2^WBC^LN", "6690-2", "LN", "6690-2"),
        ("6690-2^WBC^LN^W1^WBC^99L", "W1", "99L", "6690-2"),
        ("6690-2^WBC^LOINC", "6690-2", "LOINC", "6690-2"),
        ("^^^GLU^Glucose^99L", "GLU", "99L", None),
        ("W1^WBC^99L", "W1", "99L", None),
        ("6690-3^WBC^LN", "6690-3", "LN", None),
        ("6690-2^WBC", "6690-2", "LIS/LAB", None),
        ("^Haemolysis", "Haemolysis", "LIS/LAB", None),
    ],
)
def test_the_code_is_the_sender_s_own_and_loinc_is_told_where_it_is_named(
    identifier: str, code: str, system: str, loinc: str | None
) -> None:
    found = result(f"OBX|1|NM|{identifier}||1")
    assert (found["code"], found["system"], found.get("loinc")) == (code, system, loinc)


def test_loinc_is_told_of_what_all_haematology_analysers_call_alike() -> None:
    assert result("OBX|1|NM|^^^WBC^WHITE BLOOD CELL||7.5|10*3/uL")["loinc"] == "6690-2"
    assert result("OBX|1|NM|2006^HGB^99MRC||133|g/L")["loinc"] == "718-7"
    assert "loinc" not in result("OBX|1|NM|^^^WBC^Leukocytes of urine||7.5|/uL")


def test_a_name_in_the_sub_id_is_the_test_s_name() -> None:
    found = result("OBX|1|NM|2|GLU|92.0|mg/dL")
    assert (found["code"], found["text"]) == ("2", "GLU")


def test_each_patient_s_results_are_that_patient_s() -> None:
    said = said_by(oru("PID|1||A", OBR, "OBX|1|NM|X||1", "PID|2||B", "OBR|1|P2", "OBX|1|NM|X||2"))
    assert [(one["patient"], one["specimen"], one["value"]) for one in details(said)] == [
        ("A", "PLACER", "1"),
        ("B", "P2", "2"),
    ]


def test_a_patient_without_an_identity_is_told_by_name() -> None:
    assert result("OBX|1|NM|X||1", "PID|1||||Doe^Jane", OBR)["patient"] == "Doe^Jane"


def test_a_specimen_stands_behind_its_order_in_oru() -> None:
    said = said_by(oru("OBR|1|P1", "OBX|1|NM|X||1", "SPM|1|S1&x^S2||BLD^Blood", "OBR|2|P2", "OBX|1|NM|X||2"))
    assert [(one["specimen"], one.get("specimen-type")) for one in details(said)] == [
        ("S1", "BLD"),
        ("P2", None),
    ]


def test_a_specimen_stands_before_its_orders_in_oul() -> None:
    said = said_by(
        oru(
            "SPM|1|S1|||||||||Q", "OBR|1|P1", "OBX|1|NM|X||1", "SPM|2", "SAC|||C2", "OBR|2", "OBX|1|NM|X||2",
            head=msh("OUL^R22^OUL_R22"),
        )
    )  # fmt: skip
    assert [(one["specimen"], one.get("control")) for one in details(said)] == [("S1", "1"), ("C2", None)]


def test_notes_are_comments_of_the_result_before_them() -> None:
    said = said_by(
        oru(OBR, "NTE|1||of the order", "OBX|1|NM|X||1", "NTE|1||one", "NTE|2||two", "OBX|2|NM|Y||2")
    )
    assert [one.get("comment") for one in details(said)] == ["one\ntwo", None]


def test_a_picture_is_named_and_left_out() -> None:
    said = said_by(oru(OBR, "OBX|1|ED|15000^Histogram^99MRC||^Application^Octet-stream^Base64^AAAA"))
    assert details(said, EventKind.UNMAPPED) == [
        {"code": "15000", "system": "99MRC", "text": "Histogram", "type": "ED"}
    ]


def test_an_order_without_a_result_is_kept_whole() -> None:
    said = said_by(oru("OBR|1|1|GLU|||||||||98.2", OBR, "OBX|1|NM|X||1"))
    assert [one["text"] for one in details(said, EventKind.UNMAPPED)] == ["OBR|1|1|GLU|||||||||98.2"]


@pytest.mark.parametrize(("processing", "told"), [("P", None), ("T", "T"), ("Q", "Q"), ("D", "D")])
def test_what_is_no_production_is_told(processing: str, told: str | None) -> None:
    said = said_by(oru(OBR, "OBX|1|NM|X||1", head=msh(processing=processing)))
    assert details(said)[0].get("processing") == told


def test_a_message_is_acknowledged_only_when_it_is_on_disk() -> None:
    codec = LaboratoryOru()
    assert isinstance(codec, JournalledCodec)
    said_by(oru(OBR, "OBX|1|NM|X||1"), codec)
    assert codec.awaits_journal()
    assert codec.data_to_send() == b""
    codec.journalled(NOW)
    assert answers(codec) == [["AA", "17"]]
    assert not codec.awaits_journal()


@pytest.mark.parametrize(
    ("accept", "application", "codes"),
    [
        ("", "", ["AA"]),
        ("", "0", ["AA"]),
        ("", "2", ["AA"]),
        ("AL", "NE", ["CA"]),
        ("NE", "AL", ["AA"]),
        ("AL", "AL", ["CA", "AA"]),
        ("NE", "NE", []),
        ("ER", "ER", []),
        ("SU", "", ["CA"]),
        ("", "AL", ["AA"]),
    ],
)
def test_a_message_is_acknowledged_as_it_asks(accept: str, application: str, codes: list[str]) -> None:
    codec = LaboratoryOru()
    said_by(oru(OBR, "OBX|1|NM|X||1", head=msh(accept=accept, application=application)), codec)
    codec.journalled(NOW)
    assert answers(codec) == [[code, "17"] for code in codes]


@pytest.mark.parametrize(
    ("kind", "conditions", "code"),
    [
        ("QRY^Q02", ("", ""), "AR"),
        ("ADT^A01", ("NE", "AL"), "AR"),
        ("ADT^A01", ("ER", "NE"), "CR"),
        ("", ("", ""), "AE"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    kind: str, conditions: tuple[str, str], code: str
) -> None:
    codec = LaboratoryOru()
    said = said_by(oru(OBR, "OBX|1|NM|X||1", head=msh(kind, *conditions)), codec)
    assert details(said) == []
    msa = Message.parse(codec.data_to_send()).find("MSA")
    assert [msa.text(1), msa.text(2)] == [code, "17"]
    assert msa.text(3).startswith("expected ")


def test_an_acknowledgement_is_not_acknowledged() -> None:
    codec = LaboratoryOru()
    assert said_by(oru("MSA|AA|1", head=msh("ACK")), codec) == []
    assert codec.data_to_send() == b""


def test_a_message_without_marks_ends_with_silence() -> None:
    codec = LaboratoryOru()
    assert said_by(oru(OBR, "OBX|1|NM|X||1").strip(b"\x0b\x1c\r"), codec) == []
    due = codec.next_timer()
    assert due is not None
    assert due == later(NOW, codec.FLUSH_S)
    assert [one["value"] for one in details(codec.handle_timer(due))] == ["1"]


def test_a_message_that_comes_again_is_acknowledged_again_and_taken_once() -> None:
    codec = LaboratoryOru()
    said = said_by(oru(OBR, "OBX|1|NM|X||1") * 2, codec)
    assert len(details(said)) == 1
    codec.journalled(NOW)
    assert answers(codec) == [["AA", "17"], ["AA", "17"]]


def test_the_sender_is_told_once() -> None:
    codec = LaboratoryOru()
    said = [one for n in range(3) for one in said_by(oru(OBR, f"OBX|1|NM|X||{n}"), codec)]
    assert details(said, EventKind.IDENTITY) == [{"analyser": "LIS/LAB"}]


@given(st.lists(st.integers(0, 300), max_size=20))
def test_a_stream_says_the_same_however_it_is_cut(cuts: list[int]) -> None:
    stream = oru(OBR, "OBX|1|NM|X||1") + b"junk" + oru(OBR, "OBX|1|NM|X||2")
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    codec = LaboratoryOru()
    pieces = [one for a, b in pairwise(places) for one in said_by(stream[a:b], codec)]
    assert details(pieces) == details(said_by(stream))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(garbage: bytes) -> None:
    codec = LaboratoryOru()
    said_by(garbage + encode(msh().encode() + b"\r" + garbage), codec)
    codec.journalled(NOW)
    while (due := codec.next_timer()) is not None:
        codec.handle_timer(due)


def test_garbage_is_counted_and_the_next_message_is_read() -> None:
    said = said_by(b"\x01\x02noise" + oru(OBR, "OBX|1|NM|X||1"))
    assert ["bad-bytes", {"framing": 7}] in briefly(said)
    assert [one["value"] for one in details(said)] == ["1"]

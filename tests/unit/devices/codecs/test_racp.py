"""The Record Access Control Point: requests and answers as specifications and other projects write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.racp import Count, OpCode, Operator, Request, Response, Result, decode_answer
from devices.errors import BadBytes

NUMBERS = st.integers(0, 0xFFFF)


@pytest.mark.parametrize(
    ("request_", "octets"),
    [
        (Request(OpCode.REPORT, Operator.ALL), "0101"),
        (Request(OpCode.REPORT, Operator.FIRST), "0105"),
        (Request(OpCode.REPORT, Operator.LAST), "0106"),
        (Request(OpCode.REPORT, Operator.AT_LEAST, (45,)), "0103012D00"),
        (Request(OpCode.REPORT, Operator.WITHIN, (1, 0x1234)), "01040101003412"),
        (Request(OpCode.ABORT), "0300"),
        (Request(OpCode.REPORT_NUMBER, Operator.ALL), "0401"),
    ],
)
def test_requests_are_as_meters_know_them(request_: Request, octets: str) -> None:
    assert request_.encode() == bytes.fromhex(octets)
    assert Request.decode(bytes.fromhex(octets)) == request_


def test_a_filter_by_time_is_none_that_a_simulator_knows() -> None:
    with pytest.raises(BadBytes):
        Request.decode(bytes.fromhex("010302E40701010101 01"))


@pytest.mark.parametrize(
    ("octets", "op_code", "name"),
    [
        ("06000101", 1, "success"),
        ("06000C02", 12, "op-code-not-supported"),
        ("06000103", 1, "invalid-operator"),
        ("06000204", 2, "operator-not-supported"),
        ("06000405", 4, "invalid-operand"),
        ("06000106", 1, "no-records"),
        ("06000307", 3, "abort-unsuccessful"),
        ("06000208", 2, "not-completed"),
        ("06000209", 2, "operand-not-supported"),
        ("0600010A", 1, "server-busy"),
        ("0600010B", 1, "reserved-11"),
    ],
)
def test_answers_are_named(octets: str, op_code: int, name: str) -> None:
    answer = decode_answer(bytes.fromhex(octets))
    assert isinstance(answer, Response)
    assert (answer.op_code, answer.name) == (op_code, name)
    assert answer.encode() == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("octets", "records"), [("050001", 1), ("05000201", 258), ("050004030201", 0x01020304)]
)
def test_a_number_of_records_may_have_any_size(octets: str, records: int) -> None:
    assert decode_answer(bytes.fromhex(octets)) == Count(records)


@pytest.mark.parametrize("octets", ["", "06", "0600", "060001", "0500", "0101", "0103010200"])
def test_what_is_no_answer_is_refused(octets: str) -> None:
    with pytest.raises(BadBytes):
        decode_answer(bytes.fromhex(octets))


@given(NUMBERS)
def test_a_count_survives_encoding(records: int) -> None:
    assert decode_answer(Count(records).encode()) == Count(records)


@given(st.binary(max_size=12))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    for decode in (decode_answer, Request.decode):
        try:
            decode(data)
        except BadBytes as bad:
            assert bad.reason in {"length", "range"}


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_request_wants_what_it_says(number: int, low: int, high: int) -> None:
    assert Request(OpCode.REPORT, Operator.ALL).wants(number)
    assert Request(OpCode.REPORT, Operator.AT_LEAST, (low,)).wants(number) == (number >= low)
    assert Request(OpCode.REPORT, Operator.AT_MOST, (high,)).wants(number) == (number <= high)
    assert Request(OpCode.REPORT, Operator.WITHIN, (low, high)).wants(number) == (low <= number <= high)
    assert not Request(OpCode.REPORT, Operator.NULL).wants(number)


def test_results_are_those_of_the_specification() -> None:
    assert [int(result) for result in Result] == list(range(1, 11))

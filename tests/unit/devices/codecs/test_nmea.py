"""NMEA 0183: one position an epoch, and only one that no sentence denies."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.nmea import ubx
from devices.codecs.nmea.codec import NmeaGnss
from devices.codecs.nmea.fix import encode_angle, read
from devices.codecs.nmea.sentence import LONGEST, Sentence, decode, encode
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
PLACE = ("5327.04024", "N", "00214.41560", "W")
ANGLES = st.decimals("-179.9999", "179.9999", places=7)


def rmc(
    time: str = "102929.00",
    status: str = "A",
    mode: str | None = "A",
    navigational: str | None = "V",
    date: str = "070321",
    place: tuple[str, ...] = PLACE,
) -> bytes:
    fields = (time, status, *place, "10.0", "84.4", date, "", "")
    return encode("GPRMC", (*fields, *(one for one in (mode, navigational) if one is not None)))


def gga(time: str = "102929.00", quality: str = "1", satellites: str = "08", hdop: str = "1.16") -> bytes:
    return encode("GPGGA", (time, *PLACE, quality, satellites, hdop, "36.3", "M", "48.5", "M", "", ""))


def gll(time: str = "102929.00", status: str = "A", mode: str = "A") -> bytes:
    return encode("GPGLL", (*PLACE, time, status, mode))


def gsa(dimensions: str) -> bytes:
    return encode("GNGSA", ("A", dimensions, *[""] * 12, "2", "1", "2"))


def heard(*pieces: bytes) -> list[Said]:
    """What is said of the pieces, and by the silence after them."""
    codec = NmeaGnss()
    said = [one for piece in pieces for one in codec.receive_data(piece, NOW)]
    return said + codec.handle_timer(Instant(NOW + SECOND))


def values(said: Iterable[Said], metric: str) -> list[str]:
    readings = [one for one in said if isinstance(one, Reading) and one.metric == metric]
    return [str(one.value) if one.reason is None else one.reason.name for one in readings]


def details(said: Iterable[Said], kind: EventKind) -> list[Any]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


def test_one_second_of_a_receiver_gives_each_value_once() -> None:
    said = heard(rmc(), gga(), gsa("3"), gll())
    assert briefly(said) == [
        ["device-clock", {"time": "2021-03-07T10:29:29Z", "set": 1}],
        ["latitude", "53.4506706667"],
        ["longitude", "-2.24026"],
        ["altitude", "36.3"],
        ["vehicle_speed", "18.52"],
        ["vehicle_course", "84.4"],
        ["gnss_satellites", "8"],
        ["gnss_hdop", "1.16"],
    ]
    assert {one.at for one in said} == {NOW}


@pytest.mark.parametrize("talker", ["GP", "GN", "GL", "GA", "GB", "BD", "QZ", "GI", "II"])
def test_every_talker_is_heard(talker: str) -> None:
    said = heard(encode(f"{talker}GLL", (*PLACE, "102929.00", "A", "A")))
    assert values(said, "latitude") == ["53.4506706667"]


@pytest.mark.parametrize(
    ("sentence", "reason", "condition"),
    [
        (rmc(status="V"), "NOT_AVAILABLE", "no-satellite-fix"),
        (rmc(status=""), "NOT_AVAILABLE", "no-satellite-fix"),
        (rmc(mode="N"), "NOT_AVAILABLE", "no-satellite-fix"),
        (rmc(mode="E"), "INVALID", "position-estimated"),
        (rmc(mode="M"), "INVALID", "position-manual"),
        (rmc(mode="S"), "INVALID", "position-simulated"),
        (gll(status="V"), "NOT_AVAILABLE", "no-satellite-fix"),
        (gll(mode="E"), "INVALID", "position-estimated"),
        (gga(quality="0"), "NOT_AVAILABLE", "no-satellite-fix"),
        (gga(quality=""), "NOT_AVAILABLE", "no-satellite-fix"),
        (gga(quality="6"), "INVALID", "position-estimated"),
        (gga(quality="7"), "INVALID", "position-manual"),
        (gga(quality="8"), "INVALID", "position-simulated"),
        (gsa("1"), "NOT_AVAILABLE", "no-satellite-fix"),
    ],
)
def test_one_sentence_that_denies_the_position_is_enough(
    sentence: bytes, reason: str, condition: str
) -> None:
    for order in ((rmc(), gga(), gll(), sentence), (sentence, gll(), gga(), rmc())):
        unlike = [one for one in order if one[:6] != sentence[:6] or one is sentence]
        said = heard(*unlike)
        assert values(said, "latitude") == values(said, "longitude") == [reason]
        assert set(values(said, "altitude") + values(said, "vehicle_speed")) <= {reason}
        assert details(said, EventKind.STATUS) == [{condition: 1}]


@pytest.mark.parametrize("quality", "123459")
def test_every_kind_of_real_fix_counts(quality: str) -> None:
    assert values(heard(gga(quality=quality)), "latitude") == ["53.4506706667"]


@pytest.mark.parametrize("mode", [None, "", "A", "D", "F", "P", "R"])
def test_every_mode_of_a_real_fix_counts_and_old_receivers_have_none(mode: str | None) -> None:
    assert values(heard(rmc(mode=mode, navigational=None)), "latitude") == ["53.4506706667"]


@pytest.mark.parametrize(
    ("navigational", "quality"),
    [("V", Quality.GOOD), ("S", Quality.GOOD), ("C", Quality.QUESTIONABLE), ("U", Quality.QUESTIONABLE)],
)
def test_the_navigational_status_flags_the_position_but_v_says_nothing(
    navigational: str, quality: Quality
) -> None:
    readings = [one for one in heard(rmc(navigational=navigational)) if isinstance(one, Reading)]
    assert {one.quality for one in readings} == {quality}
    assert None not in {one.value for one in readings}


@pytest.mark.parametrize(("mode", "found"), [("D", True), ("R", True), ("N", False), (None, False)])
def test_a_differential_status_counts_with_such_a_mode(mode: str | None, found: bool) -> None:
    said = heard(rmc(status="D", mode=mode))
    assert values(said, "latitude") == ["53.4506706667" if found else "NOT_AVAILABLE"]


def test_one_constellation_with_a_fix_is_enough() -> None:
    fields = ("074155.799", *PLACE, "{}", "05", "1.3", "156.9", "8.3", "", "0000")
    assert values(heard(encode("GNGNS", fields).replace(b"{}", b"ANN")), "latitude") == []
    for modes, latitude in (("ANNA", "53.4506706667"), ("NNNN", "NOT_AVAILABLE")):
        said = heard(encode("GNGNS", [modes if one == "{}" else one for one in fields]))
        assert values(said, "latitude") == [latitude]


def test_a_fix_without_a_third_dimension_has_no_altitude() -> None:
    said = heard(gga(), gsa("2"))
    assert values(said, "altitude") == ["NOT_AVAILABLE"]
    assert values(said, "latitude") == ["53.4506706667"]


def test_another_second_is_another_position() -> None:
    said = heard(rmc(), gga(), rmc("102930.00"), gga("102930.00"))
    assert len(values(said, "latitude")) == 2


def test_a_receiver_that_hangs_at_one_time_tells_nothing_new() -> None:
    codec = NmeaGnss()
    said: list[Said] = []
    for n in range(20):
        said += codec.receive_data(rmc() + gga(), Instant(NOW + n * SECOND))
    assert len(values(said, "latitude")) == 1
    assert len(details(said, EventKind.DEVICE_CLOCK)) == 1


def test_a_receiver_that_hangs_at_one_time_without_a_position_has_none() -> None:
    codec = NmeaGnss()
    codec.receive_data(rmc(), NOW)
    codec.handle_timer(Instant(NOW + SECOND))
    codec.receive_data(rmc(status="V", mode="N"), Instant(NOW + 2 * SECOND))
    said = codec.handle_timer(Instant(NOW + 3 * SECOND))
    assert values(said, "latitude") == values(said, "vehicle_speed") == ["NOT_AVAILABLE"]


def test_a_late_sentence_adds_only_what_was_not_told() -> None:
    codec = NmeaGnss()
    codec.receive_data(rmc(), NOW)
    codec.handle_timer(Instant(NOW + SECOND // 2))
    codec.receive_data(gga(), Instant(NOW + SECOND * 6 // 10))
    said = codec.handle_timer(Instant(NOW + SECOND * 2))
    assert values(said, "latitude") == []
    assert values(said, "altitude") == ["36.3"]


def test_times_that_differ_by_rounding_are_one_epoch() -> None:
    said = heard(gll("120824.758"), gga("120824.76"), rmc("120824.76"))
    assert len(values(said, "latitude")) == 1


def test_sentences_without_a_time_are_told_apart_by_coming_again() -> None:
    cold = encode("GNRMC", ["", "V", *[""] * 9, "N"]) + encode("GNGGA", [*[""] * 5, "0", "00", "99.99"])
    assert values(heard(cold * 3), "latitude") == ["NOT_AVAILABLE"] * 3


def test_an_epoch_is_told_after_a_short_silence_even_if_no_timer_runs() -> None:
    codec = NmeaGnss()
    assert codec.receive_data(rmc(), NOW) == []
    assert codec.next_timer() == NOW + 300_000_000
    assert values(codec.receive_data(b"$", Instant(NOW + SECOND)), "latitude") == ["53.4506706667"]
    assert codec.next_timer() is None


def test_empty_fields_are_no_value() -> None:
    said = heard(encode("GPRMC", ("102929.00", "A", *PLACE, "", "", "070321", "", "", "A")))
    assert values(said, "vehicle_speed") == values(said, "vehicle_course") == ["NOT_AVAILABLE"]
    said = heard(encode("GPRMC", ("", "A", "3751.65", "N", "14507.36", "", "", "", "", "", "")))
    assert values(said, "latitude") == values(said, "longitude") == ["NOT_AVAILABLE"]


@pytest.mark.parametrize("hdop", ["99.99", "99.9", "0.0", ""])
def test_an_unknown_dilution_is_no_value(hdop: str) -> None:
    assert values(heard(gga(hdop=hdop)), "gnss_hdop") == ["NOT_AVAILABLE"]


def test_without_a_fix_the_count_of_satellites_is_still_true() -> None:
    said = heard(gga(quality="0", satellites="02"))
    assert values(said, "gnss_satellites") == ["2"]


def test_satellites_in_view_are_summed_over_constellations_not_over_signals() -> None:
    said = heard(
        *(encode("GPGSV", ("1", "1", "16", "05", "01", "047", "", signal)) for signal in "16"),
        encode("GLGSV", ("3", "1", "10", "66", "09", "027", "")),
    )
    assert values(said, "gnss_in_view") == ["26"]


@pytest.mark.parametrize(
    ("date", "told"),
    [("070321", ["2021-03-07T10:29:29Z"]), ("130998", ["1998-09-13T10:29:29Z"]), ("2208-1", []), ("", [])],
)
def test_a_year_of_two_digits_is_after_1980_and_a_date_that_is_none_is_not_told(
    date: str, told: list[str]
) -> None:
    said = heard(rmc(date=date))
    assert [one["time"] for one in details(said, EventKind.DEVICE_CLOCK)] == told
    assert values(said, "latitude") == ["53.4506706667"]


def test_a_time_without_a_date_is_no_clock_until_zda_tells_the_date() -> None:
    assert details(heard(gga()), EventKind.DEVICE_CLOCK) == []
    said = heard(gga(), encode("GNZDA", ("102929.00", "7", "03", "2021", "00", "00")))
    assert details(said, EventKind.DEVICE_CLOCK) == [{"time": "2021-03-07T10:29:29Z", "set": 1}]


def test_the_clock_of_a_receiver_without_a_fix_is_not_set() -> None:
    said = heard(rmc(status="V", mode="N"))
    assert details(said, EventKind.DEVICE_CLOCK) == [{"time": "2021-03-07T10:29:29Z", "set": 0}]


@given(ANGLES)
def test_every_angle_survives_encoding_to_within_its_last_digit(degrees: Decimal) -> None:
    text, side = encode_angle(degrees, "EW")
    told = read(decode(encode("GPGLL", ("0000.000", "N", text, side, "", "A")).strip()))
    assert told is not None
    decoded = told.values["longitude"]
    assert isinstance(decoded, Decimal)
    assert abs(Fraction(decoded) - Fraction(degrees)) <= Fraction(1, 60 * 200_000) + Fraction(1, 10**10)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("4807.038", "48.1173"), ("9000.0000", "90"), ("0000.0000", "0"), ("4916.45", "49.2741666667")],
)
def test_minutes_become_decimal_degrees_exactly(text: str, degrees: str) -> None:
    said = heard(rmc(place=(text, "S", "01131.000", "e")))
    assert values(said, "latitude") == [degrees if degrees == "0" else f"-{degrees}"]
    assert values(said, "longitude") == ["11.5166666667"]


@pytest.mark.parametrize("text", ["4860.000", "9000.001", "48O7.038", "4807.0.8", "-4807.038", "7.038"])
def test_what_is_no_angle_is_counted(text: str) -> None:
    said = heard(rmc(place=(text, "N", "01131.000", "E")))
    assert briefly(said) == [["bad-bytes", {"range": 1}]]


def test_a_sign_against_the_side_is_no_angle() -> None:
    assert briefly(heard(rmc(place=("4807.038", "N", "-01131.000", "E")))) == [["bad-bytes", {"range": 1}]]


def test_angles_that_mean_nothing_without_a_fix_are_not_blamed() -> None:
    said = heard(rmc(status="V", place=("36000.0000", "N", "72000.0000", "E")))
    assert values(said, "latitude") == ["NOT_AVAILABLE"]
    assert details(said, EventKind.BAD_BYTES) == []


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\n\r\r\n", b" \r\n", b"\0\r\n"])
def test_every_end_of_line_will_do(end: bytes) -> None:
    assert values(heard(rmc().strip() + end), "latitude") == ["53.4506706667"]


def test_a_checksum_in_lower_case_will_do() -> None:
    sentence = rmc(time="102930.00")
    assert sentence.upper() != sentence.lower()
    body, _, given = sentence.rpartition(b"*")
    assert values(heard(body + b"*" + given.lower()), "latitude") == ["53.4506706667"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"$GPGLL,5327.04024,N,00214.41560,W,102929.00,A\r\n", "checksum"),
        (rmc().replace(b"*", b"*0"), "framing"),
        (rmc().replace(b"5327", b"5328"), "checksum"),
        (b"hello\r\n", "framing"),
        (b"$" + b"A" * (LONGEST + 1) + b"\r\n", "length"),
    ],
)
def test_what_cannot_be_trusted_is_counted_and_not_taken(line: bytes, reason: str) -> None:
    assert briefly(heard(line)) == [["bad-bytes", {reason: 1}]]


@pytest.mark.parametrize(
    "line",
    [
        b"!AIVDM,1,1,,B,13aDp<PP000IwSlN?Wm@0?wN2<1T,0*29\r\n",
        b"$PUBX,00,081350.00,4717.113210,N*00\r\n",
        b"$POLYN,TIME,RESTART_OCCURRED\r\n",
        b"$SNRSTAT,1,1,0,0*5D\r\n",
        b"$EIGPQ,RMC*3A\r\n",
        b"# a comment\r\n",
        b"\r\n\r\n \r\n",
    ],
)
def test_other_sentences_are_passed_over_without_blame(line: bytes) -> None:
    assert heard(line) == []


@pytest.mark.parametrize(
    "before",
    [
        b" ",
        b"$",
        rb"\s:rx,c:1577836800*3F" + b"\\",
        b"\xef\xbb\xbf",
        b"2021-03-07 10:29:29.123 ",
        b"2021-03-07T10:29:29.123Z: ",
        b"[10:29:29]\t",
        b"1615112969.123 ",
        ubx.encode(b"\x01\x07", b"$GP\r\n\xb5\x62" + bytes(85)),
    ],
)
def test_what_may_stand_before_a_sentence_is_no_fault(before: bytes) -> None:
    said = heard(before + rmc())
    assert values(said, "latitude") == ["53.4506706667"]
    assert details(said, EventKind.BAD_BYTES) == []


def test_what_is_left_of_a_sentence_before_another_is_one() -> None:
    assert details(heard(b"84.4,070321,,,A,V*2" + rmc()), EventKind.BAD_BYTES) == [{"framing": 1}]


def test_damaged_binary_frames_are_counted_and_cost_no_sentence() -> None:
    frame = bytearray(ubx.encode(b"\x01\x07", bytes(92)))
    frame[20] ^= 1
    said = heard(bytes(frame) + b"\r\n", rmc())
    assert values(said, "latitude") == ["53.4506706667"]
    assert details(said, EventKind.BAD_BYTES) != []


def test_a_binary_frame_that_lost_bytes_costs_no_sentence() -> None:
    said = heard(ubx.encode(b"\x01\x07", bytes(92))[:-9], rmc(), gga())
    assert values(said, "latitude") == ["53.4506706667"]


def test_a_sentence_longer_than_the_standard_allows_is_taken() -> None:
    long = rmc(place=("5327.040240000000", "N", "00214.415600000000", "W"))
    assert len(long) > 82
    assert values(heard(long), "latitude") == ["53.4506706667"]


def test_a_sentence_that_lost_its_end_costs_only_itself() -> None:
    said = heard(rmc()[:30] + gga(), gll())
    assert values(said, "altitude") == ["36.3"]
    assert details(said, EventKind.BAD_BYTES) == [{"framing": 1}]


@given(st.integers(0, len(rmc()) - 3), st.integers(0, 7))
def test_a_flipped_bit_costs_one_sentence_and_makes_no_other_position(at: int, bit: int) -> None:
    stream = bytearray(rmc("102928.00") + rmc() + rmc("102930.00"))
    stream[len(rmc()) + at] ^= 1 << bit
    latitudes = values(heard(bytes(stream)), "latitude")
    assert set(latitudes) == {"53.4506706667"}
    assert 2 <= len(latitudes) <= 3


@given(st.data())
def test_a_stream_says_the_same_however_it_is_cut(data: st.DataObject) -> None:
    stream = b"xx" + rmc() + b"$GPGGA,1" + gga() + b"y" * 600 + b"\n" + gll("102930.00") + rmc("102931.00")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert summed(heard(*pieces)) == summed(heard(stream)) == summed(heard(*(bytes((n,)) for n in stream)))


def summed(said: list[Said]) -> tuple[list[Any], dict[str, int]]:
    """What was said, with the bad bytes apart and added up: they are told when a second is over."""
    counts: dict[str, int] = {}
    for detail in details(said, EventKind.BAD_BYTES):
        counts = {key: counts.get(key, 0) + detail.get(key, 0) for key in {*counts, *detail}}
    return [one for one in briefly(said) if one[0] != "bad-bytes"], counts


@given(st.binary(max_size=700) | st.text("$GPRMC,A*0123456789.\r\n", max_size=300).map(str.encode))
def test_arbitrary_bytes_never_raise_and_make_no_position(data: bytes) -> None:
    assert values(heard(data), "latitude") == []


def test_a_flood_of_bytes_without_an_end_is_not_kept() -> None:
    codec = NmeaGnss()
    for _ in range(2000):
        codec.receive_data(b"\xff" * 100, NOW)
    codec.receive_data(b"\n", NOW)
    assert values(codec.receive_data(rmc() + rmc("102930.00"), NOW), "latitude") == ["53.4506706667"]


def test_a_sentence_has_fields_beyond_its_end_empty() -> None:
    assert Sentence("GP", "GLL", ("a ",)).field(0) == "a"
    assert Sentence("GP", "GLL", ("a",)).field(3) == ""

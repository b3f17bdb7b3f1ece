"""Stored records: each is handed out, none is lost, and none comes again once it is remembered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Host, JournalledCodec, Said
from devices.codecs.gatt import Fields
from devices.codecs.racp import OpCode, Operator, Request, Response, Result
from devices.codecs.record_codec import RacpCodec, RecordCodec
from devices.codecs.record_fetch import ABORT, REPORT_ALL, Record, RecordFetch
from devices.model.observation import DeviceEvent, EventKind, Instant, later
from tests.support.captures import briefly

NOW = Instant(1_000_000_000_000)
SUCCESS = Response(OpCode.REPORT, Result.SUCCESS).encode()
NO_RECORDS = Response(OpCode.REPORT, Result.NO_RECORDS).encode()
CUTS = [*range(12), None]

Told = tuple[int, int, int]
"""A record: its number, its time, its value."""


class Codec(RecordCodec):
    """Hands out each record as a MARK of its value."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        fields = Fields(data)
        number, time = fields.uint(2), fields.uint(2)
        if not self._fetch.is_new(Record(number, data[2:], (time,)), now):
            return []
        return [DeviceEvent(EventKind.MARK, now, {"value": fields.uint(2)})]


def octets(record: Told) -> bytes:
    return b"".join(part.to_bytes(2, "little") for part in record)


@dataclass
class Device:
    """Answers requests with its records."""

    records: list[Told] = field(default_factory=list[Told])
    filters: bool = True
    answers_twice: bool = False
    newest_first: bool = False

    def answers(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """(whether it is of the control point, value) of each that is sent."""
        request = Request.decode(data)
        if request.numbers and not self.filters:
            yield True, Response(OpCode.REPORT, Result.OPERATOR_NOT_SUPPORTED).encode()
            return
        wanted = [record for record in self.records if request.wants(record[0])]
        for record in reversed(wanted) if self.newest_first else wanted:
            yield False, octets(record)
        for _ in range(1 + self.answers_twice):
            yield True, SUCCESS if wanted else NO_RECORDS


class Ward:
    """A host over several connections with one device: what came to its journal, and what it remembers."""

    def __init__(self) -> None:
        self.memory: dict[str, int] = {}
        self.on_disk: list[int] = []
        self.requests: list[bytes] = []

    def connect(self, device: Device, cut: int | None = None, *, saves: bool = True) -> list[int]:
        """What one connection hands out, lost after `cut` values; it comes to the disk if `saves`."""
        fetch = RecordFetch(Host(memory=self.memory), "test")
        codecs: tuple[Codec, RacpCodec] = Codec(fetch), RacpCodec(fetch)
        handed_out: list[int] = []
        left = cut
        while request := codecs[1].data_to_send():
            self.requests.append(request)
            for is_control, value in device.answers(request):
                if left == 0:
                    return handed_out
                left = None if left is None else left - 1
                codec = codecs[is_control]
                for one in codec.receive_data(value, NOW):
                    assert isinstance(one, DeviceEvent)
                    handed_out.append(int(one.detail["value"]))
                if saves:
                    self.on_disk += [value for value in handed_out if value not in self.on_disk]
                    settle(codec)
        return handed_out


def settle(codec: JournalledCodec) -> None:
    if codec.awaits_journal():
        codec.journalled(NOW)


def stored(count: int, start: int = 0, time: int = 1000) -> list[Told]:
    return [(start + n, time + n, 100 + time + n) for n in range(count)]


def values(records: Sequence[Told]) -> list[int]:
    return [value for _, _, value in records]


def test_the_codecs_are_journalled_ones() -> None:
    fetch = RecordFetch(Host(), "test")
    assert isinstance(Codec(fetch), JournalledCodec)
    assert isinstance(RacpCodec(fetch), JournalledCodec)


def test_at_first_all_records_are_asked_for_and_later_those_from_the_last_one_on() -> None:
    ward, device = Ward(), Device(stored(5))
    assert ward.connect(device) == values(stored(5))
    device.records = stored(8)
    assert ward.connect(device) == values(stored(8)[5:])
    assert ward.requests == [REPORT_ALL, bytes.fromhex("0103010400")]


def test_nothing_new_gives_nothing() -> None:
    ward, device = Ward(), Device(stored(5))
    ward.connect(device)
    assert ward.connect(device) == []
    assert ward.connect(device) == []


@pytest.mark.parametrize("cut", CUTS)
def test_a_lost_connection_loses_nothing_and_what_was_remembered_never_comes_again(cut: int | None) -> None:
    ward, device = Ward(), Device(stored(5))
    first = ward.connect(device, cut)
    remembered = set(first) if ward.memory else set[int]()
    device.records = stored(9)
    second = ward.connect(device)
    assert sorted({*first, *second}) == values(stored(9))
    assert remembered.isdisjoint(second)
    assert ward.connect(device) == []


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("again", CUTS)
def test_connections_lost_again_and_again_lose_nothing(cut: int | None, again: int | None) -> None:
    ward, device = Ward(), Device(stored(4))
    ward.connect(device, cut)
    device.records = stored(7)
    ward.connect(device, again)
    ward.connect(device)
    assert sorted(ward.on_disk) == values(stored(7))
    assert ward.connect(device) == []


@pytest.mark.parametrize("cut", CUTS)
def test_what_did_not_come_to_the_disk_comes_again(cut: int | None) -> None:
    ward, device = Ward(), Device(stored(5))
    ward.connect(device, cut, saves=False)
    assert ward.memory == {}
    assert ward.connect(device) == values(stored(5))


def test_nothing_is_remembered_before_the_device_says_that_the_transfer_is_complete() -> None:
    ward = Ward()
    ward.connect(Device(stored(5)), cut=5)
    assert ward.memory == {}
    ward.connect(Device(stored(5)), cut=6)
    assert ward.memory["test-number"] == 4


@given(
    st.builds(Device, answers_twice=st.booleans(), newest_first=st.booleans()),
    st.lists(
        st.tuples(st.integers(0, 4), st.none() | st.integers(0, 9), st.booleans()), min_size=1, max_size=6
    ),
)
@settings(max_examples=200)
def test_whatever_happens_every_record_comes_and_the_last_connection_has_nothing_to_repeat(
    device: Device, steps: list[tuple[int, int | None, bool]]
) -> None:
    ward = Ward()
    for made, cut, saves in steps:
        device.records = stored(len(device.records) + made)
        ward.connect(device, cut, saves=saves)
    ward.connect(device)
    assert sorted(ward.on_disk) == values(device.records)
    assert ward.connect(device) == []


def test_a_device_that_was_reset_is_read_from_the_beginning() -> None:
    ward, device = Ward(), Device(stored(5))
    ward.connect(device)
    device.records = stored(2, time=5000)
    assert ward.connect(device) == values(device.records)
    assert ward.requests[-2:] == [bytes.fromhex("0103010400"), REPORT_ALL]
    assert ward.connect(device) == []


@pytest.mark.parametrize("answers_twice", [False, True])
def test_a_device_that_was_reset_is_read_whatever_it_answers_and_wherever_it_hangs_up(
    answers_twice: bool,
) -> None:
    for cut in range(9):
        ward, device = Ward(), Device(stored(5), answers_twice=answers_twice)
        ward.connect(device)
        device.records = stored(7, time=5000)
        ward.connect(device, cut)
        ward.connect(device)
        assert {*values(device.records)} <= {*ward.on_disk}


@pytest.mark.parametrize("made", [0, 2])
def test_a_device_that_hangs_up_after_its_first_answer_is_read_whole_at_the_next_connection(
    made: int,
) -> None:
    ward, device = Ward(), Device(stored(5))
    ward.connect(device)
    device.records = stored(made, time=5000)
    assert ward.connect(device, cut=1) == []
    device.records = stored(made + 1, time=5000)
    assert ward.connect(device) == values(device.records)
    assert ward.requests[-1] == REPORT_ALL
    assert ward.connect(device) == []


def test_a_device_that_was_reset_and_has_more_records_than_before_is_read_from_the_beginning() -> None:
    ward, device = Ward(), Device(stored(3))
    ward.connect(device)
    device.records = stored(6, time=5000)
    assert sorted(ward.connect(device)) == values(device.records)
    assert ward.connect(device) == []


def test_a_device_that_was_emptied_is_remembered_as_empty() -> None:
    ward, device = Ward(), Device(stored(3))
    ward.connect(device)
    device.records = []
    assert ward.connect(device) == []
    assert ward.memory == {}


@pytest.mark.parametrize("kept", range(1, 6))
def test_numbers_that_go_round_lose_nothing(kept: int) -> None:
    ward, device = Ward(), Device(stored(4, start=0xFFFC))
    ward.connect(device)
    device.records = [*stored(4, start=0xFFFC), *stored(3, start=0, time=2000)][-kept - 2 :]
    assert set(ward.connect(device)) == set(values(stored(3, time=2000)))
    assert ward.connect(device) == []


def test_numbers_that_went_round_are_read_within_one_connection() -> None:
    ward, device = Ward(), Device(stored(2, start=0xFFFC))
    ward.connect(device)
    device.records = [*stored(4, start=0xFFFC), *stored(3, start=0, time=2000)]
    assert set(ward.connect(device)) >= {*values(stored(4)[2:]), *values(stored(3, time=2000))}
    assert ward.connect(device) == []


def newest_first(count: int) -> list[Told]:
    return [(number, 1000 - number + count, 500 - number + count) for number in range(count)]


@pytest.mark.parametrize("first", range(1, 4))
def test_a_device_that_numbers_the_newest_record_0_is_read_whole_and_repeats_nothing(first: int) -> None:
    ward, device = Ward(), Device(newest_first(first))
    assert ward.connect(device) == values(newest_first(first))
    for count in range(first, first + 4):
        device.records = newest_first(count)
        came = ward.connect(device)
        assert len(came) == (count > first)
    assert sorted(ward.on_disk) == sorted(values(device.records))


def test_a_clock_that_was_set_back_changes_nothing_for_a_device_whose_numbers_go_on() -> None:
    ward, device = Ward(), Device(stored(3))
    ward.connect(device)
    device.records += [(3, 7, 77), (4, 8, 78)]
    assert ward.connect(device) == [77, 78]
    device.records += [(5, 9, 79)]
    assert ward.connect(device) == [79]


def test_a_device_that_does_not_filter_is_read_whole_and_repeats_its_records_once_at_most() -> None:
    ward, device = Ward(), Device(stored(3), filters=False)
    ward.connect(device)
    device.records = stored(4)
    assert values(stored(4))[3] in ward.connect(device)
    assert ward.requests[-1] == REPORT_ALL
    assert ward.connect(device) == []


def test_records_made_while_connected_are_remembered_as_they_come() -> None:
    memory: dict[str, int] = {}
    fetch = RecordFetch(Host(memory=memory), "test")
    codec, control = Codec(fetch), RacpCodec(fetch)
    control.data_to_send()
    control.receive_data(NO_RECORDS, NOW)
    for record in stored(3):
        assert len(codec.receive_data(octets(record), NOW)) == 1
        assert codec.awaits_journal()
        codec.journalled(NOW)
        assert not codec.awaits_journal()
        assert memory["test-number"] == record[0]


def test_a_record_without_a_time_is_always_handed_out() -> None:
    fetch = RecordFetch(Host(), "test")
    assert fetch.is_new(Record(None, b"same", None), NOW)
    assert fetch.is_new(Record(None, b"same", None), NOW)


def test_records_without_numbers_are_known_by_their_bytes_and_forgotten_with_the_device_s() -> None:
    memory: dict[str, int] = {}
    came: list[list[bytes]] = []
    for bodies in ([b"a", b"b"], [b"b", b"c"], [b"c"], [b"a"]):
        fetch = RecordFetch(Host(memory=memory), "test")
        assert fetch.data_to_send() == REPORT_ALL
        came.append([body for body in bodies if fetch.is_new(Record(None, body), NOW)])
        fetch.answered(Response(OpCode.REPORT, Result.SUCCESS), NOW)
        fetch.journalled()
        assert len(memory) == len(bodies)
    assert came == [[b"a", b"b"], [b"c"], [], [b"a"]]


def begun(**options: bool) -> RacpCodec:
    control = RacpCodec(RecordFetch(Host(), "test", **options))
    assert control.next_timer() == 0
    assert control.handle_timer(NOW) == []
    return control


def test_a_device_that_does_not_answer_is_told_to_abort_and_asked_again_and_then_given_up() -> None:
    control = begun()
    sent, said = [control.data_to_send()], list[Said]()
    now = NOW
    for _ in range(20):
        due = control.next_timer()
        if due is None:
            break
        now = max(now, due)
        said += control.handle_timer(now)
        sent.append(control.data_to_send())
    assert [one for one in sent if one] == [REPORT_ALL, ABORT, REPORT_ALL, ABORT, REPORT_ALL]
    assert briefly(said) == [["refused", {"command": "report-stored-records", "answer": "none"}]]
    assert later(NOW, 90) <= now <= later(NOW, 120)


def test_a_device_that_says_nothing_to_a_filter_is_asked_without_one() -> None:
    memory = {"test-number": 7, "test-mark": 8}
    control = RacpCodec(RecordFetch(Host(memory=memory), "test"))
    sent: list[bytes] = []
    for seconds in (0, 31, 62, 93):
        sent.append(control.data_to_send())
        control.handle_timer(later(NOW, seconds))
    assert [one for one in sent if one] == [bytes.fromhex("0103010700"), ABORT, REPORT_ALL]


def test_a_transfer_that_ends_with_no_records_found_is_complete() -> None:
    memory: dict[str, int] = {}
    fetch = RecordFetch(Host(memory=memory), "test")
    codec, control = Codec(fetch), RacpCodec(fetch)
    control.data_to_send()
    codec.receive_data(octets(stored(1)[0]), NOW)
    control.receive_data(NO_RECORDS, NOW)
    settle(control)
    assert memory["test-number"] == 0


def test_a_record_that_can_never_be_read_is_asked_for_thrice_and_holds_up_no_other() -> None:
    memory: dict[str, int] = {}
    fetch = RecordFetch(Host(memory=memory), "test")
    codec, control = Codec(fetch), RacpCodec(fetch)
    asked, came = 0, 0
    while control.data_to_send():
        asked += 1
        fetch.damaged()
        came += len(codec.receive_data(octets(stored(1)[0]), NOW))
        control.receive_data(SUCCESS, NOW)
    settle(control)
    fetch.damaged()
    assert control.data_to_send() == b""
    assert (asked, came, memory["test-number"]) == (3, 1, 0)


@pytest.mark.parametrize("answer", [SUCCESS, NO_RECORDS])
def test_an_answer_that_comes_twice_does_not_answer_the_next_request(answer: bytes) -> None:
    memory = {"test-number": 7, "test-mark": 8}
    fetch = RecordFetch(Host(memory=memory), "test")
    codec, control = Codec(fetch), RacpCodec(fetch)
    for _ in range(2):
        control.data_to_send()
        control.receive_data(answer, NOW)
        settle(control)
    came = codec.receive_data(octets((9, 9, 9)), NOW)
    settle(codec)
    assert (len(came), memory) == (1, {})
    control.receive_data(SUCCESS, NOW)
    settle(control)
    assert memory["test-number"] == 9


def test_a_device_that_was_emptied_and_says_so_again_is_believed() -> None:
    control = RacpCodec(RecordFetch(Host(memory={"test-number": 7, "test-mark": 8}), "test"))
    sent: list[bytes] = []
    for seconds in (0, 1, 32, 38, 39):
        sent.append(control.data_to_send())
        if sent[-1] not in (b"", ABORT):
            control.receive_data(NO_RECORDS, later(NOW, seconds))
        control.handle_timer(later(NOW, seconds))
    assert [one for one in sent[1:] if one] == [REPORT_ALL, ABORT, REPORT_ALL]
    assert control.next_timer() is None


def test_after_an_abort_that_is_answered_it_is_asked_at_once() -> None:
    control = begun()
    control.data_to_send()
    control.handle_timer(NOW)
    control.handle_timer(later(NOW, 31))
    assert control.data_to_send() == ABORT
    control.receive_data(Response(OpCode.ABORT, Result.SUCCESS).encode(), later(NOW, 32))
    assert control.data_to_send() == REPORT_ALL


def test_a_device_that_goes_on_sending_is_waited_for() -> None:
    fetch = RecordFetch(Host(), "test")
    control, codec = RacpCodec(fetch), Codec(fetch)
    control.data_to_send()
    for n, record in enumerate(stored(10)):
        control.handle_timer(later(NOW, 20 * n))
        codec.receive_data(octets(record), later(NOW, 20 * n))
    assert control.data_to_send() == b""
    assert control.receive_data(SUCCESS, later(NOW, 201)) == []
    assert control.next_timer() is None


@pytest.mark.parametrize("result", [Result.OP_CODE_NOT_SUPPORTED, Result.OPERATOR_NOT_SUPPORTED])
def test_a_refusal_is_told_and_nothing_more_is_asked_for(result: Result) -> None:
    control = begun()
    control.data_to_send()
    said = control.receive_data(Response(OpCode.REPORT, result).encode(), NOW)
    name = result.name.lower().replace("_", "-")
    assert briefly(said) == [["refused", {"command": "report-stored-records", "answer": name}]]
    assert (control.data_to_send(), control.next_timer(), control.awaits_journal()) == (b"", None, False)


@pytest.mark.parametrize("result", [Result.NOT_COMPLETED, Result.SERVER_BUSY])
def test_a_device_that_cannot_now_is_asked_again_later_three_times_in_all(result: Result) -> None:
    control = begun()
    said: list[Said] = []
    for n in range(3):
        assert control.data_to_send() == REPORT_ALL
        said += control.receive_data(Response(OpCode.REPORT, result).encode(), later(NOW, 10 * n))
        assert control.data_to_send() == b""
        said += control.handle_timer(later(NOW, 10 * n))
        said += control.handle_timer(later(NOW, 10 * n + 6))
    assert control.data_to_send() == b""
    name = result.name.lower().replace("_", "-")
    assert briefly(said) == [["refused", {"command": "report-stored-records", "answer": name}]]


def test_one_that_waits_asks_when_it_is_told_to_begin_or_after_a_while() -> None:
    fetch = RecordFetch(Host(), "test", waits=True)
    assert fetch.data_to_send() == b""
    fetch.begin(b"session")
    assert fetch.data_to_send() == REPORT_ALL
    late = begun(waits=True)
    late.handle_timer(later(NOW, 6))
    assert late.data_to_send() == REPORT_ALL


def test_another_session_s_records_are_others_even_if_they_are_the_same() -> None:
    memory: dict[str, int] = {}
    for session in (b"1", b"2"):
        fetch = RecordFetch(Host(memory=memory), "test", waits=True)
        fetch.begin(session)
        asked = [fetch.data_to_send()]
        assert fetch.is_new(Record(7, b"same"), NOW)
        fetch.answered(Response(OpCode.REPORT, Result.SUCCESS), NOW)
        asked.append(fetch.data_to_send())
        if asked[1]:
            assert not fetch.is_new(Record(7, b"same"), NOW)
            fetch.answered(Response(OpCode.REPORT, Result.SUCCESS), NOW)
        fetch.journalled()
    assert asked == [Request(OpCode.REPORT, Operator.AT_LEAST, (7,)).encode(), REPORT_ALL]


@given(st.lists(st.binary(max_size=8), max_size=30))
def test_arbitrary_answers_never_raise(answers: list[bytes]) -> None:
    control = begun()
    for answer in answers:
        control.receive_data(answer, NOW)
        control.data_to_send()
        settle(control)

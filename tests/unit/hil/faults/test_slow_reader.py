"""A gap that a reader was shown as if nothing had been in it is found, and nothing else."""

import asyncio

from hil.faults.slow_reader import Reader, Shown, gaps, unsent_bytes
from tests.support.waiting import until

SSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def shown(*numbers: int, snapshots: tuple[int, ...] = (), session: str = "s") -> list[Shown]:
    return [
        Shown(session, n, "snapshot" if n in snapshots else "values", 1000 * n, 10**9 * n) for n in numbers
    ]


WHOLE = shown(1, 2, 4, 5, 7, 8, snapshots=(1,))
"""3 and 6 were other readers' snapshots."""


def test_events_in_a_row_have_no_gap() -> None:
    assert gaps(WHOLE, WHOLE) == []
    assert gaps(shown(3, 4, 5, 7, snapshots=(3,)), WHOLE) == []


def test_an_event_left_out_is_a_gap() -> None:
    assert gaps(shown(2, 5), WHOLE) == ["values 5 came after 2, not 4"]
    assert gaps(shown(3, 5, snapshots=(3,)), WHOLE) == ["values 5 came after 3, not 4"]


def test_an_event_twice_or_backwards_is_one_too() -> None:
    assert gaps(shown(4, 4), WHOLE)
    assert gaps(shown(5, 4), WHOLE)


def test_a_snapshot_or_another_session_s_full_picture_ends_what_was_before() -> None:
    assert gaps(shown(2, 6, 7, snapshots=(6,)), WHOLE) == []
    assert gaps(shown(2) + shown(1, snapshots=(1,), session="t"), WHOLE) == []
    assert gaps(shown(2) + shown(9, session="t"), WHOLE) == ["values 9 came after 2, not 4"]


def test_lateness_is_counted_from_the_quickest() -> None:
    reader = Reader("http://127.0.0.1:1", "")
    reader.shown += [Shown("s", 1, "time", 1000, 5_000_000_000), Shown("s", 2, "time", 2000, 6_500_000_000)]
    assert reader.late_ms() == [0, 500]
    assert reader.late_ms(since_ns=6_000_000_000) == [500]


def event(number: int) -> bytes:
    block = b'id: s-%d\nevent: time\ndata: {"server_ms": %d}\n\n' % (number, number)
    return b"%x\r\n%b\r\n" % (len(block), block)


async def test_it_asks_for_what_it_missed_and_what_it_does_not_take_waits_at_the_server() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        first = 10 * len(asked)
        writer.write(SSE + b"".join(event(first + n) for n in range(3)))
        await writer.drain()
        if len(asked) == 1:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader = Reader(f"http://127.0.0.1:{port}", "session=x", rate=500)
        task = asyncio.create_task(reader.run())
        await until(lambda: len(asked) > 1 and reader.shown[-1].number >= 20, "it came back")
        assert unsent_bytes(port) >= 0
        task.cancel()
        await asyncio.wait({task})
    assert b"Last-Event-ID" not in asked[0]
    assert b"Last-Event-ID: s-12\r\n" in asked[1]
    assert [one.number for one in reader.shown][:4] == [10, 11, 12, 20]
    assert reader.cuts["closed"] == 1

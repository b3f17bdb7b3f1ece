"""More comes than can be stored: what is turned away comes again, and alerts are not turned away."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from devices.model.observation import Alert, Instant, Priority
from devices.wire.block import Lane
from tests.integration.controller.conftest import Site
from tests.support.sender import Sender, until

QUEUE_BYTES = 30_000


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Nobody else can write to the database."""
    with closing(sqlite3.connect(site.config.database, isolation_level=None, timeout=20)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


async def test_what_overflows_the_queue_is_told_and_comes_again_and_nothing_is_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("controller.intake.QUEUE_BYTES", QUEUE_BYTES)
    async with site.running():
        sender = Sender()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            with locked(site):
                for _ in range(100):
                    sender.block()
                await connection.send_pending()
                await until(lambda: "more comes than can be stored" in caplog.text)
                alert = Alert("sensor-off", Instant(10_000_000_000), Priority.LOW, True)
                await connection.publish("alert", sender.block(alert, lane=Lane.ALERT))
            # Sent once, while the queue was full, it is stored; of the others some have to come again.
            await until(lambda: (Lane.ALERT, 0) not in sender.pending)
            await until(lambda: "messages were turned away; there is room again" in caplog.text)
            assert sender.pending
            await connection.drain()
    rows = {row.lane: row for row in await site.ledger()}
    assert (rows["vital"].committed, rows["vital"].missing, rows["vital"].duplicated) == (100, 0, 0)
    assert (rows["alert"].committed, rows["alert"].missing) == (1, 0)
    assert await site.rows("SELECT count(*) FROM observation") == [(100,)]

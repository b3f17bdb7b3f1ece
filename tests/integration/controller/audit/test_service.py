"""What the configuration says of the audit trail is what is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from controller.audit import forward
from controller.audit.chain import append_all
from controller.audit.service import AuditService
from controller.audit.verify import verify
from controller.clock import SystemClock
from controller.config import load
from controller.errors import ConfigError
from controller.store import Store
from controller.store.beside import reading
from tests.integration.controller.audit.test_forward import Collector, authority
from tests.support.trails import entries
from tests.support.waiting import until


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    await opened.write(lambda db: append_all(db, entries(5)))
    yield opened
    await opened.close()


async def test_heads_and_syslog_go_where_the_configuration_says(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "SETTLE_S", 0.1)
    owner, sent = authority(), list[str]()
    collector = Collector(tmp_path, owner)
    await collector.start()
    (tmp_path / "logs-ca.pem").write_bytes(owner.root.public_bytes(Encoding.PEM))
    file = tmp_path / "controller.toml"
    audit = f'heads = "other-disk"\nsyslog = "127.0.0.1:{collector.port}"\nsyslog_ca = "logs-ca.pem"\n'
    file.write_text(f"[audit]\n{audit}")
    service = AuditService(load(file), store, SystemClock(), owner, sent.append)
    task = asyncio.create_task(service.run())
    await until(lambda: sent and len(collector.messages) == 5, "head and entries are out")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await collector.stop()
    assert (tmp_path / "other-disk" / "heads.jws").read_text().split() == sent
    assert collector.numbers == [1, 2, 3, 4, 5]
    with reading(store.where) as db:
        verdict = verify(db, service.published.heads())
    assert (verdict.is_whole, verdict.heads) == (True, 1)


async def test_without_configuration_heads_are_in_the_data_folder_and_nobody_gets_the_trail(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "controller.toml"
    file.write_text("")
    service = AuditService(load(file), store, SystemClock(), authority(), lambda _: None)
    task = asyncio.create_task(service.run())
    heads = tmp_path / "controller-data" / "audit" / "heads.jws"
    await until(heads.exists, "the head is published")
    task.cancel()
    assert await store.read("SELECT * FROM audit_sent") == []


async def test_a_file_of_authorities_that_is_none_is_told_at_the_start(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "controller.toml"
    file.write_text('[audit]\nsyslog = "logs.example:6514"\nsyslog_ca = "none.pem"\n')
    with pytest.raises(ConfigError, match=r"none\.pem"):
        AuditService(load(file), store, SystemClock(), authority(), lambda _: None)

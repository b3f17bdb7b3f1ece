"""What a gateway said last of its mobile network is what is known of it."""

import json
from pathlib import Path

from controller.quality import Told, latest
from controller.store import Store

SAY = """INSERT INTO device_event (stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (1, ?, 0, 1, 1, ?, ?, ?, ?, ?)"""


async def test_the_last_word_of_that_gateway_itself_counts(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "controller.db")
    said = [
        ("ward-a", None, "quality", {"state": "requested", "profile": "QOS_L"}),
        ("ward-a", None, "quality", {"state": "refused", "profile": "QOS_L", "why": "429 QUOTA_EXCEEDED"}),
        ("ward-a", "ox-1", "quality", {"state": "available", "profile": "a device's own word"}),
        ("ward-a", None, "software", {"release": 3}),
        ("ward-b", None, "quality", {"state": "available", "profile": "QOS_E"}),
    ]
    rows = [(n, n, who, device, kind, json.dumps(told)) for n, (who, device, kind, told) in enumerate(said)]
    await store.write(lambda db: db.executemany(SAY, rows))
    assert await latest(store, "ward-a") == Told("refused", "QOS_L", "429 QUOTA_EXCEEDED", 1)
    assert await latest(store, "ward-b") == Told("available", "QOS_E", "", 4)
    assert await latest(store, "ward-c") is None
    await store.close()

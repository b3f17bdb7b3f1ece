"""Families of the way into the database: intake, ledger, store."""

from collections.abc import Iterable, Mapping

from controller.intake import Intake
from controller.ledger import Ledger
from controller.metrics.families import Metric, counter, gauge, histogram
from controller.proof import JournalProof
from controller.store import Store
from devices.wire.topics import LANES


def ingest(intake: Intake, refused: Mapping[tuple[str, ...], float]) -> list[Metric]:
    """`refused`: messages by reason, as the store counts them."""
    taken, (messages, held) = intake.taken, intake.waiting
    delay = {(lane,): kept for lane, kept in taken.delay.items()}
    receipts = {(lane,): taken.receipts[lane] for lane in LANES}
    meaning = "From a block's oldest measurement until it was committed"
    return [
        counter("ingest_records", "Records committed", taken.records, ["lane", "kind"]),
        counter("ingest_receipts", "Blocks receipted, again or not", receipts, ["lane"]),
        counter("ingest_refused", "Messages that could not be used", refused, ["reason"]),
        counter("ingest_overflow", "Messages turned away, the queue full", intake.overflowed),
        histogram("ingest_delay_seconds", meaning, delay, ["lane"]),
        histogram("ingest_batch_seconds", "From a batch's first look until it was told", {(): taken.batch}),
        gauge("ingest_queue_messages", "Messages that wait to be stored", messages),
        gauge("ingest_queue_bytes", "Bytes of messages that wait to be stored", held),
    ]


def blocks(ledger: Ledger) -> list[Metric]:
    """What the ledger holds for good."""
    held = ledger.blocks()
    told = {
        (lane, fate): held.get((number, fate), 0)
        for number, lane in enumerate(LANES)
        for fate in ("committed", "quarantined")
    }
    return [counter("ledger_blocks", "Blocks here for good", told, ["lane", "outcome"])]


def proven(journals: Iterable[JournalProof]) -> list[Metric]:
    """What the proof says of what is not here, all journals together."""
    shed = {(lane,): 0.0 for lane in LANES}
    lost = {(lane,): 0.0 for lane in LANES}
    twice = 0
    for (_, lane), (missing, waiting, given_up) in _by_gateway(journals).items():
        shed[lane,] += given_up
        lost[lane,] += max(0, missing - waiting)
    for journal in journals:
        twice += journal.sums["duplicated"]
    return [
        gauge("ledger_shed_blocks", "Blocks that gateways gave up, and said so", shed, ["lane"]),
        gauge(
            "ledger_missing_blocks",
            "Blocks neither here, nor given up, nor waiting at their gateway",
            lost,
            ["lane"],
        ),
        gauge("ledger_duplicated_records", "Records that lie in the store more than once", twice),
    ]


def _by_gateway(journals: Iterable[JournalProof]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(missing, waiting, shed) by gateway and lane: what waits is told of all journals together."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for journal in journals:
        for lane in journal.lanes:
            missing, waiting, shed = found.get((journal.gateway, lane.lane), (0, 0, 0))
            more = missing + lane.missing, waiting + (lane.waiting or 0), shed + lane.shed
            found[journal.gateway, lane.lane] = more
    return found


def store(held: Store) -> list[Metric]:
    """The database."""
    meaning = "Transactions, with their wait for those before them"
    return [
        histogram("store_write_seconds", meaning, {(): held.writes}),
        counter("store_failures", "Transactions that the database did not take", held.failed),
        gauge("store_queue_transactions", "Transactions under way or waiting", held.waiting),
    ]

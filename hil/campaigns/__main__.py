"""`./run campaign NAME`."""

import asyncio
import importlib
import inspect
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hil.campaigns import cluster
from hil.campaigns.fuzz import fuzz
from hil.campaigns.verdict import Verdict

CAMPAIGNS: dict[str, tuple[str, int, str]] = {
    "kills": ("kills", 200, "kill -9 of gateway, controller and broker while six beds stream."),
    "broker-replaced": (
        "broker_replaced",
        5,
        "The broker is gone for good, and an empty one takes its place.",
    ),
    "brokers": (
        "brokers",
        21,
        "Three brokers: one, two or all killed, hanging, cut off, replaced by empty ones.",
    ),
    "poison": ("poison", 64, "Poison blocks, hostile CBOR and foreign topics beside six beds."),
    "http": ("http", 10, "Any request that the OpenAPI document allows or forbids, by people of every role."),
    "images": ("images", 50, "Damaged and hostile images for the archive, and good ones after each."),
    "power-cut": (
        "power_cut",
        400,
        "A journal on ext4 on a disk that loses power at any write (needs root, loop devices, FUSE).",
    ),
    "clock": ("clock", 24, "Wrong clocks of gateway and controller: at start, in mid-stream, after reboots."),
    "slow-controller": ("slow_controller", 6, "A controller at 10 % of its speed, frozen, or overflowing."),
    "slow-browser": ("slow_browser", 6, "Readers and a Chromium that are too slow for what they are sent."),
    "disk-full": ("disk_full", 10, "Full disks and used-up quotas under a gateway, then space again."),
    "bit-flips": ("bit_flips", 1, "Every byte of a journal turns over: bits of each, 1 to 8."),
    "network": ("network", 12, "Delay, loss, narrow links, blackouts, half-open connections (needs root)."),
    "alarm-behind-backlog": (
        "alarm_behind_backlog",
        20,
        "Alarms while 20,000 readings drain over 256 kbit/s (needs root).",
    ),
    "uplinks": ("uplinks", 8, "One of two uplinks dies, without MPTCP and with it (needs root, iproute2)."),
    "power-cut-updates": (
        "power_cut_updates",
        300,
        "A box in mid-update on a disk that loses power at any write (needs root, loop devices, FUSE).",
    ),
    "updates": ("updates", 60, "kill -9 of launcher, gateway and installer while a box updates itself."),
    "blackouts": ("blackouts", 8, "Blackouts of 1 s to 48 h in virtual time, with a full quota and without."),
    "ambulance-day": (
        "ambulance_day",
        12,
        "A day in a vehicle in virtual time: tunnels, power cuts; then 90 s in real time (needs root).",
    ),
    "rooms": (
        "rooms",
        42,
        "Rooms with pictures: joins, bad networks, kills of everything (Chromium, coturn).",
    ),
    "rooms-joins": ("rooms_joins", 30, "A newcomer to a room of three, again and again (Chromium, coturn)."),
    "rooms-hour": ("rooms_hour", 60, "Minutes of four in a room: memory stays flat (Chromium, coturn)."),
    "robots": ("robots", 40, "Fleets of robots on random maps in simulated time, with faults."),
    "simulation": ("simulation", 40, "The real code in virtual time, crashes aimed at each durable step."),
}
"""By name: module, rounds if none are given, and what it is about."""

app = typer.Typer(add_completion=False)


@app.callback()
def campaign() -> None:
    """Run a long test to its verdict; exit with 1 when it fails."""


def _command(name: str, rounds_by_default: int) -> Callable[..., None]:
    def run(
        rounds: Annotated[int, typer.Option(help="How many faults.")] = rounds_by_default,
        seed: Annotated[int, typer.Option(help="The same seed does the same again.")] = 1,
        data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    ) -> None:
        module = importlib.import_module(f"hil.campaigns.{CAMPAIGNS[name][0]}")
        with tempfile.TemporaryDirectory(prefix=f"wardlink-{name}-") as folder:
            where = data or Path(folder)
            found = module.run(where, seed, rounds, typer.echo)
            verdict: Verdict = asyncio.run(found) if inspect.iscoroutine(found) else found
        _conclude(verdict)

    return run


def _conclude(verdict: Verdict) -> None:
    for line in verdict.lines():
        typer.echo(line)
    if not verdict.passed:
        raise typer.Exit(1)


for _name, (_module, _rounds, _help) in CAMPAIGNS.items():
    app.command(name=_name, help=_help)(_command(_name, _rounds))


@app.command(name="cluster")
def run_cluster(
    rounds: Annotated[int, typer.Option(help="How many faults; there are 11 kinds, as root 12.")] = 22,
    seed: Annotated[int, typer.Option(help="The same seed does the same again.")] = 1,
    previous: Annotated[Path | None, typer.Option(help="An older release: upgrade from it first.")] = None,
    gateways: Annotated[int, typer.Option(min=1, help="Light ones.")] = cluster.ASKED.gateways,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
) -> None:
    """A whole cluster: any part killed, cut off, frozen, its database failed over (PostgreSQL, haproxy)."""
    with tempfile.TemporaryDirectory(prefix="wardlink-cluster-") as folder:
        asked = replace(cluster.ASKED, gateways=gateways, previous=previous and previous.absolute())
        _conclude(asyncio.run(cluster.run(data or Path(folder), seed, rounds, typer.echo, asked=asked)))


@app.command(name="fuzz")
def run_fuzz(
    profile: Annotated[list[str] | None, typer.Option(help="Only these profiles or parsers.")] = None,
    seconds: Annotated[int, typer.Option(help="For each.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed does the same again.")] = 1,
    corpus: Annotated[Path, typer.Option(help="Inputs, and what failed.")] = Path("data/fuzz"),
) -> None:
    """Malformed input against every codec and parser (atheris): nothing raises, grows or rings for ever."""
    failed = fuzz(profile or [], seconds, seed, corpus, typer.echo)
    typer.echo(f"failed: {', '.join(failed) or 'none'}")
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()

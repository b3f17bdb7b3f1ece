"""How a gateway is observed, as parts of it: nothing is loaded where nobody looks (aiohttp: 20 MB)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from gateway.alarms.bedside import Bedside
from gateway.config import Config
from gateway.fleet import Fleet
from gateway.metrics.ready import not_ready
from gateway.session import Session
from gateway.uplink import Uplink
from host.systemd import is_told, tell
from host.tracing import TracingSection, exporter

Part = Callable[[], Awaitable[None]]


def observing(
    config: Config, uplink: Uplink, sessions: Sequence[Session], fleet: Fleet, bedside: Bedside
) -> Mapping[str, Part]:
    """What is to be kept running, if `[metrics]` or `[tracing]` is configured, or systemd wants to know."""
    parts: dict[str, Part] = {}
    if is_told():
        parts["systemd"] = partial(tell, partial(not_ready, uplink.keeper))
    if config.metrics is not None:
        from gateway.metrics.serve import Observed, serve  # noqa: PLC0415 - see above

        alarms = bedside.alarms
        observed = Observed(uplink, sessions, lambda: fleet.roster.devices, lambda: len(alarms.active))
        parts["metrics"] = partial(serve, config.metrics.where, observed)
    if config.tracing is not None:
        parts["tracing"] = partial(_trace, config.tracing, uplink)
    return parts


async def _trace(config: TracingSection, uplink: Uplink) -> None:
    """Until cancelled. Raises NotInstalled: what it needs is not installed."""
    from gateway.tracing.tracer import Tracer  # noqa: PLC0415

    export, end = exporter(config.endpoint, "wardlink-gateway", uplink.gateway)
    uplink.keeper.tracer = Tracer(uplink.gateway, uplink.clock, config.share, export)
    try:
        await asyncio.Event().wait()
    finally:
        uplink.keeper.tracer = None
        await asyncio.to_thread(end)

"""Twenty kinds of wrong clocks: each tells a ward's hosts other times, and whether that showed."""

import asyncio
from collections.abc import Awaitable, Callable

from hil import clockcheck
from hil.errors import NotReady
from hil.faults.clock_lab import ClockLab
from hil.faults.clocked_gateway import METRIC
from hil.faults.other_clocks import DAY_S, HOUR_S, never_set_s, steady_us
from hil.until import until

Fault = Callable[[ClockLab], Awaitable[bool]]
"""Brings it about; whether it fired. Raises NotReady when something does not come."""

LIES: dict[str, Callable[[], float]] = {
    "an hour behind": lambda: -HOUR_S,
    "a day ahead": lambda: DAY_S,
    "never set": never_set_s,
    "a second again": lambda: -1,
}
"""What a clock says, in seconds from UTC. A leap second is one that UTC has twice."""
DRIFT_PPM = 500
"""As much as the kernel lets NTP correct (adjtimex(2)): no healthy crystal is worse."""


def _gateway_jumps(lie: str) -> Fault:
    async def fault(lab: ClockLab) -> bool:
        off_s, began = LIES[lie](), steady_us()
        lab.ward.gateway_clocks.utc(off_s)
        await lab.pause()
        if lie == "never set":
            await lab.sync_is("unset")
            await lab.alert_is("clock-unset", active=True)
        fired = lie == "never set" or await lab.says(off_s, began)
        lab.ward.gateway_clocks.utc(0)
        await lab.alert_is("clock-unset", active=False)
        return fired

    return fault


def _gateway_starts(lie: str) -> Fault:
    async def fault(lab: ClockLab) -> bool:
        off_s, began = LIES[lie](), steady_us()
        lab.ward.gateway_clocks.utc(off_s)
        await lab.ward.reboot_gateway()
        await lab.ward.board.sees_all()
        if lie == "never set":
            return await _learns(lab)
        fired = await lab.says(off_s, began)
        lab.ward.gateway_clocks.utc(0)
        await lab.ward.restart_gateway()
        return fired

    return fault


async def _learns(lab: ClockLab) -> bool:
    """A gateway that has no UTC gets it: its rows get theirs."""
    await lab.alert_is("clock-unset", active=True)
    boot = lab.ward.gateway_clocks.boot.hex()
    fired = set(lab.utc_errors(boot, 0)) == {None}
    lab.ward.gateway_clocks.utc(0)
    await lab.alert_is("clock-unset", active=False)
    await lab.recovered()
    if wrong := [us for us in lab.utc_errors(boot, 0) if us is None or abs(us) > clockcheck.BOUND_US]:
        raise NotReady(f"{len(wrong)} rows did not get their UTC")
    return fired


async def _reboots_alone(lab: ClockLab) -> bool:
    """Two boots while no controller is there: of the first one only blocks in the journal are left."""
    await lab.ward.controller.stop()
    await lab.ward.reboot_gateway()
    unheard = lab.ward.gateway_clocks.boot.hex()
    lab.unheard.add(unheard)
    await until("the devices say something", lambda: lab.is_said_in(unheard), 60)
    await lab.pause()
    await lab.ward.reboot_gateway()
    await lab.pause()
    await lab.ward.start_controller()
    await lab.recovered()
    return any(one.boot == unheard for one in clockcheck.stored(lab.ward.database, METRIC))


def _drifts(ppm: int) -> Fault:
    async def fault(lab: ClockLab) -> bool:
        await lab.ward.reboot_gateway(ppm)
        await lab.ward.board.sees_all()
        await asyncio.sleep(5)
        boot = lab.ward.gateway_clocks.boot.hex()
        ours = [one for one in clockcheck.said(lab.ward.emitted) if one.boot == boot]
        first, last = ours[0], ours[-1]
        passed = last.steady_us - first.steady_us
        return abs((last.mono_us - first.mono_us - passed) / passed * 1e6 - ppm) < abs(ppm) / 2

    return fault


def _controller_jumps(lie: str) -> Fault:
    async def fault(lab: ClockLab) -> bool:
        lab.ward.controller_clocks.utc(LIES[lie]() * 1.5)  # a second's difference is not told yet
        await lab.alert_is("controller-clock", active=True)
        await lab.pause()
        lab.ward.controller_clocks.utc(0)
        await lab.alert_is("controller-clock", active=False)
        return True

    return fault


def _controller_starts(lie: str, *, reboots: bool) -> Fault:
    async def fault(lab: ClockLab) -> bool:
        clocks = lab.ward.controller_clocks
        clocks.utc(LIES[lie]())
        await lab.ward.restart_controller(reboots=reboots)
        await lab.recovered()
        await lab.pause()
        fired = abs(lab.scale_off_s()) > 0.8
        if lie == "never set" or (reboots and lie == "an hour behind"):
            # Such a clock is not believed, but it is told.
            await lab.alert_is("controller-clock", active=True)
            fired = abs(lab.scale_off_s()) < HOUR_S
        clocks.utc(0)
        await lab.ward.restart_controller()
        return fired

    return fault


KINDS: dict[str, Fault] = {
    **{f"the gateway's clock becomes {lie}": _gateway_jumps(lie) for lie in LIES},
    **{f"the gateway boots {lie}": _gateway_starts(lie) for lie in LIES if lie != "a second again"},
    "the gateway reboots alone": _reboots_alone,
    **{f"the gateway drifts {ppm:+} ppm": _drifts(ppm) for ppm in (DRIFT_PPM, -DRIFT_PPM)},
    **{f"the controller's clock becomes {lie}": _controller_jumps(lie) for lie in LIES},
    **{
        f"the controller {'boots' if reboots else 'starts'} {lie}": _controller_starts(lie, reboots=reboots)
        for reboots in (False, True)
        for lie in LIES
        if lie != "a second again"
    },
}
"""By name: 20 kinds of wrong clocks."""

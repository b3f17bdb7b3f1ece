"""The fleet as the pages and the API show it: numbers with their times, and why robots do what they do."""

from typing import Any

from controller.robots.ground import parts_of
from controller.robots.master import Master
from controller.robots.pilot import Pilot
from controller.robots.reasons import because, coded
from controller.robots.vehicles import Condition

Json = dict[str, Any]
STALE_MS = 5_000
"""A position older than this says where the robot was, not where it is."""
_AGAIN_MS = 5_000


def why_item(why: str) -> Json:
    """A reason in English, and as its code with parameters for other words."""
    return {"why": str(why), "reason": coded(why)}


def robot_items(master: Master) -> list[Json]:
    """Every robot that the fleet knows."""
    return [
        _robot(master, one) for name, one in sorted(master.pilots.items()) if name in master.fleet.vehicles
    ]


def is_news(before: Json | None, now: Json) -> bool:
    """Whether there is more to tell than that it is still so."""
    if before is None:
        return True
    same = {**before, "at_ms": None} == {**now, "at_ms": None}
    return not same or (now["at_ms"] or 0) - (before["at_ms"] or 0) >= _AGAIN_MS


def _robot(master: Master, pilot: Pilot) -> Json:
    vehicle, facts = master.fleet.vehicles[pilot.robot], pilot.facts
    told = {"robot": pilot.robot, "gateway": pilot.gateway, "version": pilot.version and pilot.version.value}
    maker = {"manufacturer": pilot.manufacturer, "serial": pilot.serial}
    doubts = [{"kind": kind, **why_item(why)} for kind, why in master.watching.doubts(pilot.robot).items()]
    hold = master.hold(pilot)
    now = {
        "condition": str(vehicle.condition),
        "hold": str(hold),
        "hold_reason": coded(hold),
        "doubts": doubts,
        "at_ms": facts.at_ms if facts else None,
        "position": _position(pilot),
        "battery_percent": round(100 * facts.battery) if facts else None,
        "charging": facts.state.battery_state.charging if facts else None,
        "mode": facts.state.operating_mode.value if facts else None,
        "emergency_stop": facts.is_stopped if facts else None,
        "paused": facts.state.paused if facts else None,
        "driving": facts.driving if facts else None,
        "errors": _errors(pilot),
        "transport": vehicle.transport,
        "loaded": vehicle.loaded,
    }
    return {**told, **maker, **now, "going": _going(master, pilot), "waits": _waits(master, pilot)}


def _position(pilot: Pilot) -> Json | None:
    facts = pilot.facts
    if facts is None or facts.pose is None:
        return None
    pose = facts.pose
    where = {"x": round(pose.x, 2), "y": round(pose.y, 2), "theta": round(facts.theta, 2), "map": pose.floor}
    return {**where, "node": facts.node}


def _errors(pilot: Pilot) -> list[Json]:
    errors = pilot.facts.state.errors if pilot.facts else ()
    return [
        {
            "type": one.error_type,
            "level": one.error_level.value,
            "description": one.error_description or "",
            "hint": one.error_hint or "",
        }
        for one in errors
    ]


def _going(master: Master, pilot: Pilot) -> Json | None:
    """Its order: where to, how far it may, and why."""
    claim, last = master.fleet.driving.traffic.claims.get(pilot.robot), pilot.last
    errand = pilot.errand
    if claim is None or last is None or not claim.under_way:
        return None
    ids, ahead = master.fleet.ground.ids, claim.path[claim.at :]
    nodes = [ids[step.node] for step in ahead]
    told = {"order_id": errand.order.order_id if errand else None, "confirmed": pilot.confirmed}
    way = {"nodes": nodes, "released": claim.given - claim.at + 1, "to": nodes[-1]}
    return {**told, **way, "action": str(last.action), **why_item(last.why)}


def _waits(master: Master, pilot: Pilot) -> Json | None:
    """For what it waits on its way, since when, and for whom."""
    vehicle, traffic = master.fleet.vehicles[pilot.robot], master.fleet.driving.traffic
    if vehicle.since_ms is None or pilot.robot not in traffic.claims:
        return None
    others = _in_the_way(master, pilot.robot)
    why = because("others-on-its-way", robots=", ".join(others)) if others else because("others-first")
    if vehicle.condition != Condition.READY:
        why = because("it-is", condition=vehicle.condition)
    return {"since_ms": vehicle.since_ms, "robots": others, **why_item(why)}


def _in_the_way(master: Master, robot: str) -> list[str]:
    """Who holds what conflicts with the next piece of its way."""
    traffic, ground = master.fleet.driving.traffic, master.fleet.ground
    claim = traffic.claims[robot]
    if claim.given == len(claim.path) - 1:
        return []
    step = claim.path[claim.given + 1]
    mask = ground.conflicts[step.edge] | ground.conflicts[step.node]
    return sorted(name for name, one in traffic.claims.items() if name != robot and one.held & mask)


def map_item(master: Master) -> Json:
    """The map, and which of its edges are blocked."""
    hospital, ground = master.fleet.ground.map, master.fleet.ground
    closed = {ground.ids[part] for part in parts_of(master.fleet.driving.routes.closed)}
    nodes = [
        {"id": one.id, "x": one.x, "y": one.y, "map": one.map, "kind": str(one.kind), "lift": one.lift}
        for one in hospital.nodes
    ]
    edges = [
        {
            "id": e.id,
            "from": e.start,
            "to": e.end,
            "both": e.both,
            "kind": e.kind,
            "blocked": e.id in closed,
            "rest": e.rest,
        }
        for e in hospital.edges
    ]
    whole = {"name": hospital.name, "revision": hospital.revision, "radius_m": hospital.radius_m}
    return {**whole, "nodes": nodes, "edges": edges}


def eta_item(master: Master, transport: str, now_ms: int) -> Json | None:
    """When a transport will be there: ms from now, and how old the estimate is.

    What nobody promises does not come nearer: at the earliest, it is so long from whenever one looks.
    """
    held = master.etas.get(transport)
    if held is None:
        return None
    eta, at_ms = held
    age = now_ms - at_ms
    low, middle, high = (_left(ms, age) for ms in (eta.low_ms, eta.ms, eta.high_ms))
    left = {"ms": middle, "low_ms": eta.low_ms if middle is None else low, "high_ms": high}
    return {**left, **why_item(eta.why), "observed": eta.observed, "at_ms": at_ms, "age_ms": age}


def _left(ms: int | None, age_ms: int) -> int | None:
    return None if ms is None else max(0, ms - age_ms)

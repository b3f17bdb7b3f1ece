"""Where a vehicle is just now, as the event VEHICLE_AT has it: whole numbers of mm, mrad and permille."""

import math

from devices.codecs.vda5050.presence import Visualization
from devices.codecs.vda5050.state import AgvPosition, State, Velocity
from devices.model.observation import DeviceEvent, EventKind, Instant

_LARGEST = 2**53


def place_of(seen: State | Visualization, state: State, now: Instant) -> DeviceEvent:
    """Pose and speed as `seen`; what a visualization does not have, as in the vehicle's last state."""
    detail: dict[str, str | int] = {
        **_pose(seen.agv_position),
        **_speed(seen.velocity),
        "battery_permille": round(state.battery_state.battery_charge * 10),
        "node": state.last_node_id,
        "sequence": state.last_node_sequence_id,
        "driving": int(state.driving),
    }
    return DeviceEvent(EventKind.VEHICLE_AT, now, detail)


def _pose(position: AgvPosition | None) -> dict[str, str | int]:
    if position is None:
        return {"localised": 0}
    return {
        "x_mm": _whole(position.x),
        "y_mm": _whole(position.y),
        "theta_mrad": _whole(position.theta),
        "map": position.map_id,
        "localised": int(position.position_initialized),
    }


def _speed(velocity: Velocity | None) -> dict[str, str | int]:
    if velocity is None or velocity.vx is None:
        return {}
    return {"v_mm_s": _whole(math.hypot(velocity.vx, velocity.vy or 0.0))}


def _whole(number: float) -> int:
    """Thousandths; what is beyond any building is the end of it."""
    return round(max(-_LARGEST, min(_LARGEST, number * 1000)))

"""What must hold at every moment: by distances on the floor, which know nothing of the fleet's own masks."""

from collections.abc import Sequence

import numpy as np

from controller.robots.ground import Ground, mask_of
from hil.sims.robots.vehicle import SimVehicle

_SLACK_M = 1e-6


class Judge:
    """Looks at all vehicles, each moment; `problems` are sentences."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._limit = 2 * ground.map.radius_m - _SLACK_M
        self._floors = {name: i * 1e6 for i, name in enumerate(sorted({n.map for n in ground.map.nodes}))}
        self.problems: list[str] = []
        self.nearest_m = float("inf")
        """The least distance of two vehicles that there was."""
        self.looked = 0

    def look(self, vehicles: Sequence[SimVehicle], now_ms: int) -> None:
        """At one moment."""
        self.looked += 1
        self._near(vehicles, now_ms)
        self._shared(vehicles, now_ms)

    def _near(self, vehicles: Sequence[SimVehicle], now_ms: int) -> None:
        places = [(self._floors[floor] + x, y) for floor, x, y in (v.at() for v in vehicles)]
        points = np.array(places, dtype=float).reshape(-1, 2)
        apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        if not apart.size:
            return
        self.nearest_m = min(self.nearest_m, float(apart.min()))
        for i, j in np.argwhere(np.triu(apart < self._limit)):
            self._tell(now_ms, f"{vehicles[i].name} and {vehicles[j].name} are {apart[i, j]:.2f} m apart")

    def _shared(self, vehicles: Sequence[SimVehicle], now_ms: int) -> None:
        taken: dict[int, str] = {}
        for vehicle in vehicles:
            part = vehicle.node if vehicle.edge is None else vehicle.edge
            if part in taken:
                self._tell(now_ms, f"{taken[part]} and {vehicle.name} are both on {self._ground.ids[part]}")
            taken[part] = vehicle.name
        held = mask_of(taken)
        for part, name in taken.items():
            if self._ground.conflicts[part] & held & ~(1 << part):
                self._tell(
                    now_ms, f"{name} is on {self._ground.ids[part]}, which conflicts with another's place"
                )

    def _tell(self, now_ms: int, what: str) -> None:
        if len(self.problems) < 20:
            self.problems.append(f"at {now_ms / 1000:.1f} s {what}")

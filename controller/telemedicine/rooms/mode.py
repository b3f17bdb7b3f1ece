"""How the pictures of a room go, pure: from each to each (mesh), or by a server that passes them on (SFU).

    way = Way().seated(5, has_sfu=True)          # mode "sfu", era 2

Up above `mesh` pages (four), and back below it: who comes and goes at the limit does not change it each
time. Each change begins an era, and so does a server that is started again; what is said about connections of
an older one is void.
"""

from dataclasses import dataclass, replace
from typing import Literal

Mode = Literal["mesh", "sfu"]
MESH_MOST = 4
"""So many pages connect each to each, if nothing else is said: above that the pictures would fill a ward's
uplink."""


@dataclass(frozen=True, slots=True)
class Way:
    """How they go now. `mesh`: the most that connect each to each."""

    mode: Mode = "mesh"
    era: int = 1
    mesh: int = MESH_MOST

    def seated(self, count: int, *, has_sfu: bool) -> "Way":
        """With so many seats. Without a server who is there goes on as well as a mesh can."""
        mode = self._wanted(count, has_sfu)
        return self if mode == self.mode else replace(self, mode=mode, era=self.era + 1)

    def anew(self) -> "Way":
        """The server is another one: all is agreed upon again."""
        return replace(self, era=self.era + 1)

    def _wanted(self, count: int, has_sfu: bool) -> Mode:
        if not has_sfu or count < self.mesh:
            return "mesh"
        return "sfu" if count > self.mesh else self.mode

    def most(self, of_kind: int, *, has_sfu: bool) -> int:
        """Seats that there may be; `of_kind`: with a server."""
        return of_kind if has_sfu else min(of_kind, max(self.mesh, MESH_MOST))


USUAL = Way()
"""Of a new room, where the site says nothing else."""

"""Whether this gateway takes what its devices say: for its own /readyz, and for systemd."""

from gateway.journal.keeper import Keeper


async def not_ready(keeper: Keeper) -> str:
    """Why not, or "". A gateway without a controller is ready: that is what its journal is for.

    Does not come back while the journal's disk hangs.
    """
    await keeper.answers()
    return "alerts wait for the journal's disk: make room" if keeper.journal.owes else ""

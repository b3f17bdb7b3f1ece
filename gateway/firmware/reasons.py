"""What a node says of an update, as an engineer understands it, and what to do."""

from devices.codecs.node.update import Verdict
from gateway.errors import GatewayError, OrderRefused, UpdateError

_REFUSED = {
    "refused-board": "it is not made for this node's board",
    "refused-version": "it is not newer than what the node runs",
    "refused-size": "it does not fit into the node's flash",
}
_FAILED = {
    "digest-wrong": "what arrived at the node is damaged, twice: look at the cable, and ask again",
    "flash-failed": "the node's flash does not keep it: the node runs on as before; replace it soon",
    "fell-back": "it did not get healthy, and the node went back to the version before",
    "nothing-taken": "the node has it no more: ask again",
}


def refusal(verdict: Verdict) -> GatewayError:
    """Why the node does not run it."""
    said = f" ({verdict.text})" if verdict.text else ""
    if verdict.code in _REFUSED:
        return OrderRefused(verdict.code, f"{verdict.code}: {_REFUSED[verdict.code]}{said}")
    known = _FAILED.get(verdict.code, "this gateway does not know what that means: update it")
    return UpdateError(verdict.code, f"{verdict.code}: {known}{said}")

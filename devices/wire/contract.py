"""The text of contract.cddl, with any of its rules in front (a CDDL validator checks the first)."""

from functools import cache
from importlib import resources


@cache
def cddl(rule: str) -> str:
    """The contract as CDDL whose first rule is `rule`."""
    text = resources.files("devices.wire").joinpath("contract.cddl").read_text(encoding="utf-8")
    return f"start = {rule}\n{text}"

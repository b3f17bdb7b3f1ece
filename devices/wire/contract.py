"""The text of contract.cddl, with any of its rules in front (a CDDL validator checks the first)."""

import re
from functools import cache
from importlib import resources

_NAME = re.compile(r"[a-z][a-z0-9\-]*")


@cache
def _rules() -> dict[str, str]:
    """The text of each rule of the contract by its name."""
    text = resources.files("devices.wire").joinpath("contract.cddl").read_text(encoding="utf-8")
    rules: dict[str, str] = {}
    name = ""
    for line in (line.partition(";")[0].rstrip() for line in text.splitlines()):
        if begins := re.match(rf"({_NAME.pattern})\s*=", line):
            name = begins[1]
        if line:
            rules[name] = rules.get(name, "") + line + "\n"
    return rules


@cache
def cddl(rule: str) -> str:
    """The contract as CDDL whose first rule is `rule`, with the rules that it needs and no others.

    A validator's time grows with the text it was made of.
    """
    rules = _rules()
    needed = [rule]
    for name in needed:
        words = _NAME.findall(re.sub(r'"[^"]*"', "", rules[name]))
        needed += [word for word in dict.fromkeys(words) if word in rules and word not in needed]
    return f"start = {rule}\n" + "".join(rules[name] for name in needed)

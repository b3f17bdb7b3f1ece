"""What STOW-RS answers: the Store Instances Response Module (PS3.18, annex I). Pure."""

from collections.abc import Sequence
from typing import Any, Final

from controller.imaging.archive.verdicts import Outcome, Verdict

IN_DOUBT: Final = 0xB101
"""Warning Reason of our own: it is stored, and seen when somebody has said whose it is."""
_LONGEST_COMMENT: Final = 64
"""Characters of LO (PS3.5, 6.2)."""

Item = dict[str, dict[str, Any]]


def status_of(verdicts: Sequence[Verdict]) -> int:
    """The status of the whole (10.5.3.1)."""
    stored = sum(verdict.outcome.success for verdict in verdicts)
    if not stored:
        return 409
    warned = any(verdict.outcome is Outcome.HELD for verdict in verdicts)
    return 202 if warned or stored < len(verdicts) else 200


def answer_of(verdicts: Sequence[Verdict], base: str) -> Item:
    """What became of each instance; `base` is the address of everything of PS3.18."""
    stored = [_stored(verdict, base) for verdict in verdicts if verdict.outcome.success]
    failed = [verdict for verdict in verdicts if not verdict.outcome.success]
    named = [_failed(verdict) for verdict in failed if verdict.sop_instance and verdict.sop_class]
    unnamed = [_failure(verdict) for verdict in failed if not (verdict.sop_instance and verdict.sop_class)]
    studies = {verdict.study for verdict in verdicts if verdict.outcome.success}
    found: Item = {}
    if len(studies) == 1:
        found["00081190"] = _element("UR", f"{base}/studies/{studies.pop()}")
    for tag, items in (("00081198", named), ("00081199", stored), ("0008119A", unnamed)):
        if items:
            found[tag] = {"vr": "SQ", "Value": items}
    return found


def _stored(verdict: Verdict, base: str) -> Item:
    path = f"studies/{verdict.study}/series/{verdict.series}/instances/{verdict.sop_instance}"
    item = {**_named(verdict), "00081190": _element("UR", f"{base}/{path}")}
    if verdict.outcome is Outcome.HELD:
        return {**_comment(verdict), **item, "00081196": _element("US", IN_DOUBT)}
    return item


def _failed(verdict: Verdict) -> Item:
    return {**_comment(verdict), **_named(verdict), "00081197": _element("US", verdict.code)}


def _failure(verdict: Verdict) -> Item:
    """Of Other Failures Sequence: nobody knows which instance it is."""
    return {**_comment(verdict), "00081197": _element("US", verdict.code)}


def _named(verdict: Verdict) -> Item:
    return {"00081150": _element("UI", verdict.sop_class), "00081155": _element("UI", verdict.sop_instance)}


def _comment(verdict: Verdict) -> Item:
    """Error Comment (0000,0902), as C-STORE has it: annex I has none, and a person needs the reason."""
    text = verdict.message.replace("\\", "/")
    return {"00000902": _element("LO", text[:_LONGEST_COMMENT])} if text else {}


def _element(vr: str, value: str | int) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}

"""What partners say to each other, kind by kind, as models: what comes is a stranger's until it fits.

kind, body, why = read_message("referral", raw)        # body None: it cannot be used, and why
"""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from controller.partners.bundles import DEEPEST

LARGEST = 4 * 1024 * 1024
"""Bytes of a message."""
TOPICS = ("directory", "referral", "conference")
"""Each is a line of its own: a number is the next of its topic."""
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_Line = Annotated[str, StringConstraints(max_length=200, pattern=_PRINTABLE)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_PRINTABLE)]
Account = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f:/]*$")]
"""Of somebody at the other site: never a name of ours, since it is always told with the site's."""
_Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTABLE)]
_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Number = Annotated[str, StringConstraints(pattern=r"^RF[0-9]{8,12}$")]
_Conference = Annotated[str, StringConstraints(pattern=r"^MC[0-9]{8,12}$")]
_Consent = Annotated[str, StringConstraints(pattern=r"^PC[0-9]{8,12}$")]
_Moment = Annotated[int, Field(ge=0, le=2**52)]


class Told(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Withheld(Told):
    """What was to be told is not: the consent that it rested on has ended."""


class HoursTold(Told):
    """See conferences.model.Hours."""

    day: Annotated[int, Field(ge=0, le=6)]
    from_min: Annotated[int, Field(ge=0, le=1440)]
    to_min: Annotated[int, Field(ge=0, le=1440)]


class AwayTold(Told):
    """See conferences.model.Away."""

    from_day: _Day
    to_day: _Day


class ExpertTold(Told):
    """Somebody who lets themselves be asked by partners."""

    name: Account
    display: _Name
    specialities: Annotated[list[_Code], Field(min_length=1, max_length=20)]
    languages: Annotated[list[_Code], Field(max_length=20)]
    takes: Annotated[str, StringConstraints(max_length=500, pattern=_PRINTABLE)]
    zone: _Code
    hours: Annotated[list[HoursTold], Field(max_length=50)]
    away: Annotated[list[AwayTold], Field(max_length=50)]


class Directory(Told):
    """All the experts of the site, in place of those told before."""

    experts: Annotated[list[ExpertTold], Field(max_length=500)]


class ReferralAsked(Told):
    """A patient whom the site asks to be treated, and the case (a FHIR R4 Bundle)."""

    number: _Number
    patient: _Name
    name: _Name
    expert: Account | Literal[""]
    reason: _Line
    asked_by: Account
    consent: _Consent
    until_ms: _Moment
    case: dict[str, Any]


class ReferralAnswered(Told):
    """Whether the patient comes."""

    number: _Number
    answer: Literal["accepted", "rejected"]
    by: Account
    why: _Line


class ReferralCancelled(Told):
    """It is taken back."""

    number: _Number
    why: _Line


class ReferralReturned(Told):
    """The patient is transferred back: the letter (a FHIR R4 document), and the site's signature over it."""

    number: _Number
    by: Account
    letter: dict[str, Any]
    signature: Annotated[str, StringConstraints(max_length=65_536)]


class ConsentWithdrawn(Told):
    """The patient has taken it back: what rests on it is shown no more."""

    consent: _Consent


class MemberTold(Told):
    """Somebody of the site that is told, as asked to a conference."""

    name: Account
    part: Literal["chair", "expert", "presenter"]
    required: bool
    answer: Literal["needs-action", "accepted", "declined", "tentative"]


class CaseTold(Told):
    """What is to be spoken about: never of whom."""

    place: Annotated[int, Field(ge=0, le=1000)]
    question: Annotated[str, StringConstraints(max_length=2000)]
    minutes: Annotated[int, Field(ge=0, le=1440)]


class ConferenceTold(Told):
    """A conference of the site, as it stands, to those of the other site who are asked to it."""

    number: _Conference
    title: _Line
    start_ms: _Moment
    minutes: Annotated[int, Field(ge=0, le=1440)]
    state: Annotated[str, StringConstraints(max_length=40, pattern=_PRINTABLE)]
    asked_by: _Name
    members: Annotated[list[MemberTold], Field(max_length=100)]
    others: Annotated[list[_Name], Field(max_length=100)]
    cases: Annotated[list[CaseTold], Field(max_length=100)]


class ConferenceAnswered(Told):
    """What somebody who was asked says."""

    number: _Conference
    name: Account
    answer: Literal["accepted", "declined", "tentative"]
    why: _Line
    proposed_ms: _Moment | None


class VoteTold(Told):
    """Who signed a conclusion, whether they agree, and the file that `wardlink rx verify` takes."""

    actor: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_PRINTABLE)]
    stand: Literal["agrees", "differs"]
    words: Annotated[str, StringConstraints(max_length=8000)]
    file: Annotated[str, StringConstraints(max_length=500_000)]


class ConclusionTold(Told):
    """What a conference of the site concluded of a case, to those who took part."""

    number: _Conference
    case: Annotated[int, Field(ge=1, le=2**31)]
    patient: _Name
    version: Annotated[int, Field(ge=1, le=10_000)]
    document: dict[str, Any]
    votes: Annotated[list[VoteTold], Field(max_length=100)]
    missing: Annotated[list[Account], Field(max_length=100)]
    until_ms: _Moment


class ConclusionHidden(Told):
    """The patient's consent has ended: it is shown no more."""

    number: _Conference
    case: Annotated[int, Field(ge=1, le=2**31)]


class ConclusionSigned(Told):
    """Somebody of the site that says so agrees or differs, by a key of that site; what was signed."""

    number: _Conference
    case: Annotated[int, Field(ge=1, le=2**31)]
    version: Annotated[int, Field(ge=1, le=10_000)]
    name: Account
    file: Annotated[str, StringConstraints(max_length=500_000)]
    stand: Literal["agrees", "differs"] = "agrees"
    words: Annotated[str, StringConstraints(max_length=8000)] = ""
    """Of who differs."""


class WayInAsked(Told):
    """Somebody wants into the room of a conference now."""

    number: _Conference
    name: Account


KINDS: dict[str, tuple[str, type[Told]]] = {
    "directory": ("directory", Directory),
    "referral": ("referral", ReferralAsked),
    "referral-answered": ("referral", ReferralAnswered),
    "referral-cancelled": ("referral", ReferralCancelled),
    "referral-returned": ("referral", ReferralReturned),
    "consent-withdrawn": ("referral", ConsentWithdrawn),
    "conference": ("conference", ConferenceTold),
    "conference-answered": ("conference", ConferenceAnswered),
    "conclusion": ("conference", ConclusionTold),
    "conclusion-hidden": ("conference", ConclusionHidden),
    "conclusion-signed": ("conference", ConclusionSigned),
}
"""Topic and model of each kind; "withheld" may stand in every topic."""


def read_message(topic: str, raw: bytes) -> tuple[str, Told | None, str]:
    """(kind, body, why it cannot be used) of what came. Such a message is refused for good."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "", None, "expected JSON"
    if not isinstance(told, dict) or set(told) != {"kind", "body"} or not isinstance(told["kind"], str):
        return "", None, "expected an object with kind and body"
    kind = told["kind"]
    place, model = (topic, Withheld) if kind == "withheld" else KINDS.get(kind, ("", Withheld))
    if place != topic:
        return kind[:40], None, f"{kind!r:.40} is not spoken of in {topic}"
    if not _is_flat(told["body"], DEEPEST + 2):
        return kind, None, "expected less deep an object"
    try:
        return kind, model.model_validate(told["body"]), ""
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return kind, None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200]


def _is_flat(value: Any, depth: int) -> bool:
    if depth == 0:
        return False
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_is_flat(one, depth - 1) for one in inner)

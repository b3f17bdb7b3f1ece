"""What requests and answers about partner sites look like. Times `*_ms` are UTC."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.partners_notices_schemas import PartnerNoticeView
from controller.partners.cards import LONGEST
from controller.partners.model import Language, Way, Word
from controller.partners.papers import MOST_DOCUMENTS, MOST_STUDIES
from controller.partners.states import PartnerState, ReferralState

_Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
_Moment = Annotated[int, Field(ge=0, le=2**52)]


class PartnerCardBody(Body):
    """What a partner gave."""

    card: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class PartnerStateBody(Body):
    """How a partnership goes on."""

    state: Literal["active", "suspended", "ended"]
    heard: Annotated[str, StringConstraints(max_length=80, pattern=PRINTABLE)] = Field(
        "", description="of a new partner: the fingerprint that it read out"
    )
    why: _Line = ""


class PartnerConsentBody(Body):
    """What a patient says of being shared with one partner."""

    patient: _Name
    site: _Name
    said: Word
    language: Language = "en"
    until_ms: _Moment


class ReferralBody(Body):
    """Whom to refer, to where."""

    patient: _Name
    site: _Name
    expert: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE)] = Field(
        "", description="an account there, of the directory; empty: whoever there takes it"
    )
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
    studies: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9.]{1,64}$")]], Field(max_length=MOST_STUDIES)
    ] = Field(default_factory=list[str], description="Study Instance UIDs, of which some pictures go along")
    documents: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=PRINTABLE)]],
        Field(max_length=MOST_DOCUMENTS),
    ] = Field(default_factory=list[str], description="of /api/referral-documents: what was concluded before")


class ReferralStateBody(Body):
    """Whether the patient comes, or that it is taken back."""

    state: Literal["accepted", "rejected", "cancelled"]
    why: _Line = ""


class LetterBody(Body):
    """The discharge letter."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class MeetingAnswerBody(Body):
    """What one says to being asked by a partner's conference."""

    answer: Literal["accepted", "declined", "tentative"]
    why: _Line = ""
    proposed_ms: _Moment | None = None


class WayInBody(Body):
    """What stands behind # in the address."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")] = Field(
        repr=False
    )


class _Told(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class QueueView(_Told):
    """What waits for a partner in one topic."""

    topic: str
    count: int
    since_ms: int


class RefusedView(_Told):
    """A message that the partner did not take."""

    id: int
    topic: str
    number: int
    kind: str
    reason: str
    done_ms: int


class PartnerView(_Told):
    """A partner site."""

    site: str
    name: str
    address: str
    fingerprint: str
    state: PartnerState
    possible: list[PartnerState]
    revision: int = Field(description="for If-Match")
    added_by: str
    added_ms: int
    changed_by: str
    changed_ms: int
    heard_ms: int | None = Field(description="it reached us last")
    reached_ms: int | None = Field(description="we reached it last")
    trouble: str = Field(description="why it was not reached the last time; empty: it was")
    waiting: list[QueueView]
    refused: list[RefusedView]


class PartnerList(_Told):
    """All partners, and what to give to another."""

    utc_ms: int
    card: str
    fingerprint: str = Field(description="of our own card, to be read out by telephone")
    partners: list[PartnerView]


class PartnerAnswer(_Told):
    """One partner."""

    utc_ms: int
    partner: PartnerView


class PartnerName(_Told):
    """A partner that may be referred to."""

    site: str
    name: str
    words: dict[Language, str] = Field(description="what the patient agrees to")


class PartnerConsentView(_Told):
    """What a patient said."""

    number: str
    patient: str
    site: str
    said: Word
    holds: bool
    text: str
    language: Language
    by: str
    at_ms: int
    until_ms: int


class PartnerConsentList(_Told):
    """All that one patient said, the newest first."""

    utc_ms: int
    consents: list[PartnerConsentView]


class ReferralView(_Told):
    """A referral."""

    id: int
    site: str
    site_name: str
    way: Way
    number: str
    patient: str | None = Field(description="null: the consent has ended, and the copy is not shown any more")
    name: str | None
    expert: str
    reason: str | None
    asked_by: str
    consent: str
    until_ms: int
    withdrawn_ms: int | None
    shown: bool
    answer: str
    state: ReferralState
    possible: list[ReferralState] = Field(description="what this side may do now")
    revision: int
    at_ms: int
    changed_by: str
    changed_ms: int


class MeetingView(_Told):
    """A conference of a partner's that one is asked to."""

    site: str
    site_name: str
    number: str
    title: str
    start_ms: int
    minutes: int
    state: str
    asked_by: str
    part: str
    others: list[str]
    cases: list[dict[str, Any]] = Field(description="place, question, minutes; never of whom")
    stands: str = Field(description="one's answer as the partner has it")
    answer: str = Field(description="what one said last")
    why: str
    proposed_ms: int | None
    told_ms: int


class ReferralDocument(_Told):
    """A summary of a visit, or what a conference concluded: signed, and can go along."""

    id: str
    title: str
    date: str = Field(description="FHIR dateTime")
    by: list[str]


class ReferralDocuments(_Told):
    """Of one patient, the latest first."""

    patient: str
    documents: list[ReferralDocument]


class ReferralList(_Told):
    """Referrals both ways, the partners, and their conferences."""

    utc_ms: int
    partners: list[PartnerName]
    referrals: list[ReferralView]
    meetings: list[MeetingView]
    notices: list[PartnerNoticeView] = Field(description="what one has to know of them")


class ReferralAnswer(_Told):
    """One referral, with the case and, if it is back, the letter."""

    utc_ms: int
    referral: ReferralView
    case: dict[str, Any] | None = Field(
        description="a FHIR R4 Bundle, its pictures by their titles alone; null: it is not shown any more"
    )
    letter: dict[str, Any] | None = Field(description="letter and signature")


class MeetingList(_Told):
    """The partner's conferences."""

    utc_ms: int
    meetings: list[MeetingView]


class WayInAnswer(_Told):
    """Where the browser goes: good once, for a minute."""

    address: str


class OwnRoom(_Told):
    """The conference that one came into."""

    number: str
    name: str = Field(description="under which one is in the room")

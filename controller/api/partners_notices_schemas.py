"""What answers about what people have to know of partners and of conferences look like."""

from pydantic import BaseModel, ConfigDict, Field

from controller.partners.notices import Kind


class _Told(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class PartnerNoticeView(_Told):
    """Something that one has to know; never of whom."""

    id: int
    site: str
    site_name: str
    kind: Kind
    referral: int | None = Field(description="the id of the referral; null: it is of a conference")
    number: str
    detail: str
    at_ms: int = Field(description="UTC")


class Waiting(_Told):
    """How many notices one has not read."""

    conferences: int
    referrals: int = Field(description="and conferences of partners")

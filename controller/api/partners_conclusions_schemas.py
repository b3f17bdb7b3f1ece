"""What requests and answers about conclusions of partners' conferences look like. Times `*_ms` are UTC."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import Body


class _Told(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class OwnSignedView(_Told):
    """What somebody here signed of it: this hospital's own record, which stays."""

    number: str
    case: int
    version: int
    name: str
    stand: Literal["agrees", "differs"]
    words: str
    patient: str
    document: dict[str, Any] = Field(description="the conclusion, whole")
    file: str = Field(description="what was signed, for `wardlink rx verify`")
    signed_ms: int


class CopiedConclusionView(_Told):
    """What a partner's conference concluded of a case: a copy."""

    case: int
    told_ms: int
    told: dict[str, Any] | None = Field(
        description="patient, version, document, votes, missing; null: the consent has ended"
    )
    signed: list[OwnSignedView]


class CopiedConclusions(_Told):
    """Those of one conference."""

    utc_ms: int
    conclusions: list[CopiedConclusionView]


class CopyStanceBody(Body):
    """What one says of it; `words`: of who differs."""

    version: Annotated[int, Field(ge=1, le=10_000)]
    stand: Literal["agrees", "differs"] = "agrees"
    words: Annotated[str, StringConstraints(max_length=8000)] = ""


class CopySignatureBody(CopyStanceBody):
    """Signed with one's own key: a detached JWS over the document."""

    signature: Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[!-~]+$")]


class CopyDocument(_Told):
    """What is signed."""

    document: dict[str, Any]

"""What answers about notices of the pharmacy look like."""

from pydantic import Field

from controller.api.prescriptions_issues_schemas import Shape
from controller.api.prescriptions_schemas import GivenView, RxPatient


class PharmacyNoticeView(Shape):
    """Something that the pharmacy has to know."""

    id: int
    kind: str
    about: str = Field(description="the number of what it concerns; of a recall, the GTIN and the batch")
    detail: str
    by: str = Field(description="who did it; `controller`: it follows from what is there")
    at_ms: int
    acknowledged_by: str | None
    acknowledged_ms: int | None
    rx: str | None = Field(description="the prescription; null: of what is on the shelf")
    patient: RxPatient | None
    medicine: str | None
    given: GivenView | None = Field(description="of what was given without a witness")


class PharmacyNoticeList(Shape):
    """What nobody has acknowledged, the oldest first; then, if asked for, what somebody has, the newest
    first."""

    server_ms: int
    open: int = Field(description="how many nobody has acknowledged, of every kind")
    notices: list[PharmacyNoticeView]

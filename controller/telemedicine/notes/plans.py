"""What a patient measures at home, as signed summaries say, and how long it goes on.

plans = plans_of(await summaries.of_patient("4711"), utc_ms)
plans[0].plan, plans[0].until_ms
"""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.telemedicine.notes.model import HomePlan, SummaryVersion

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Going:
    """A plan that goes on. Times are UTC."""

    plan: HomePlan
    visit: str
    """The number of the visit in which it was agreed."""
    by: str
    from_ms: int
    until_ms: int


def plans_of(signed: Iterable[SummaryVersion], utc_ms: int) -> list[Going]:
    """Those that hold at `utc_ms`; of each thing the one that was agreed last. `signed`: the latest first."""
    found = dict[str, Going]()
    for version in signed:
        for plan in version.summary.home:
            going = Going(
                plan,
                version.summary.number,
                version.by,
                version.utc_ms,
                version.utc_ms + plan.days * DAY_MS,
            )
            found.setdefault(plan.what, going)
    return [one for one in found.values() if utc_ms < one.until_ms]

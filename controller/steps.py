"""State machines as tables: from each state, those that may follow.

STEPS = {A.DRAFT: frozenset({A.ACTIVE}), A.ACTIVE: frozenset()}
check_step(STEPS, A.ACTIVE, A.DRAFT)        # Conflict: "it is active … possible now is nothing"
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from controller.errors import Conflict

State = TypeVar("State", bound=StrEnum)


def possible(steps: Mapping[State, frozenset[State]], now: State) -> list[State]:
    """What is possible from `now`, in one order."""
    return sorted(steps[now])


def check_step(steps: Mapping[State, frozenset[State]], now: State, to: State) -> None:
    """Raises Conflict, which says what is possible now."""
    if to not in steps[now]:
        then = ", ".join(possible(steps, now)) or "nothing"
        raise Conflict(f"it is {now} and cannot become {to}: possible now is {then}")

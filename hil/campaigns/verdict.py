"""What a campaign found: its rounds, whether each one's fault fired, and what did not hold.

verdict = Verdict("kills", seed=7)
verdict.round("gateway killed", fired=True, problems=[])
verdict.passed
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Round:
    """One fault, and what it did. A round whose fault did not fire proves nothing."""

    fault: str
    fired: bool
    problems: Sequence[str] = ()


@dataclass(slots=True)
class Verdict:
    """A campaign's rounds, in order; the same seed does the same again."""

    campaign: str
    seed: int
    rounds: list[Round] = field(default_factory=list[Round])
    facts: dict[str, str] = field(default_factory=dict[str, str])
    """Figures worth keeping, by name."""

    def round(self, fault: str, *, fired: bool, problems: Sequence[str] = ()) -> Round:
        """One more round."""
        self.rounds.append(Round(fault, fired, tuple(problems)))
        return self.rounds[-1]

    @property
    def counted(self) -> int:
        """Rounds whose fault fired."""
        return sum(one.fired for one in self.rounds)

    @property
    def problems(self) -> list[str]:
        """Everything that did not hold, with its round."""
        return [f"round {n}, {r.fault}: {p}" for n, r in enumerate(self.rounds, 1) for p in r.problems]

    @property
    def passed(self) -> bool:
        """Whether something was tried, and everything held."""
        return self.counted > 0 and not self.problems

    def lines(self) -> list[str]:
        """For people."""
        unfired = len(self.rounds) - self.counted
        told = [f"{self.campaign}: seed {self.seed}, {self.counted} rounds counted, {unfired} did not fire"]
        told += [f"  {name}: {text}" for name, text in self.facts.items()]
        return [*told, *self.problems, "PASSED" if self.passed else "FAILED"]

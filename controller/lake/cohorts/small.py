"""Small numbers are not told to who sees no patients: nor what they could be worked out from.

A month in which fewer than SMALLEST match, do not, or are not known, tells none of the three; one whose
admissions are so few tells not even them, nor do then the others that are hidden. Further months are hidden,
the smallest first, until the hidden ones together are not small either, because they are the total less the
others; if that cannot be, the total is hidden, too. Likewise all reasons why it is unknown are told or none:
each is the unknown less the others. This does not stop who asks many questions that differ by one patient:
each is on record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from controller.lake.cohorts.found import SMALLEST, Basis, Found, Month, Step


def cut(found: Found) -> Found:
    """The same without what is small."""
    hidden = _hidden(found.months)
    has_few = any(_large(one.admitted) is None for one in hidden)
    months = [_told(one, has_few=has_few) if one in hidden else one for one in found.months]
    is_told = not _is_small([found.total]) and not _is_small(hidden)
    why_told = is_told and _are_large([found.not_known_who, *_reasons(found.bases)])
    return replace(
        found,
        months=months,
        total=found.total if is_told else _told(found.total, has_few=False),
        not_known_who=found.not_known_who if why_told else None,
        patients=_large(found.patients) if is_told else None,
        bases=[_basis(one, is_told=is_told, why_told=why_told) for one in found.bases],
        steps=[_step(one) for one in found.steps],
    )


def _hidden(months: Sequence[Month]) -> list[Month]:
    """Those that are small, and so many others that together they are not."""
    hidden = [one for one in months if _is_small([one])]
    others = sorted((one for one in months if one not in hidden), key=lambda one: one.admitted or 0)
    while hidden and others and (len(hidden) == 1 or _is_small(hidden)):
        hidden.append(others.pop(0))
    return hidden


def _is_small(months: Iterable[Month]) -> bool:
    """Whether anything of all of them together is."""
    sums = [0, 0, 0, 0]
    for one in months:
        admitted, matching, unknown = one.admitted or 0, one.matching or 0, one.unknown or 0
        each = admitted, matching, unknown, admitted - matching - unknown
        sums = [total + more for total, more in zip(sums, each, strict=True)]
    return any(0 < one < SMALLEST for one in sums)


def _told(month: Month, *, has_few: bool) -> Month:
    return Month(month.month, None if has_few else _large(month.admitted), None, None)


def _large(count: int | None) -> int | None:
    return None if count is not None and 0 < count < SMALLEST else count


def _reasons(bases: Iterable[Basis]) -> list[int | None]:
    """Of how many admissions a condition is unknown, and why."""
    return [count for one in bases for count in (one.no_data, one.not_over)]


def _are_large(counts: Iterable[int | None]) -> bool:
    return all(count is None or _large(count) is not None for count in counts)


def _basis(basis: Basis, *, is_told: bool, why_told: bool) -> Basis:
    """Readings are not people; admissions are, and their sums are those of the total."""
    no_data, not_over = (basis.no_data, basis.not_over) if why_told else (None, None)
    return replace(basis, no_data=no_data, not_over=not_over, thin=_large(basis.thin) if is_told else None)


def _step(step: Step) -> Step:
    """Quartiles of few are their own values."""
    if step.admissions is not None and step.admissions >= SMALLEST:
        return step
    return Step(step.minute, None, None, None, None)

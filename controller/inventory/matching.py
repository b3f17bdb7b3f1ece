"""Which profiles a label fits, each with the reason; several are offered, and none is said plainly.

Known are: `gs1.csv` beside this file (the beginning of a GTIN, up to all 14 digits, and its source), what
this site recorded of devices with the same GTIN, and the names that profiles have for a model.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from controller.inventory.labels import Label
from devices.profiles import BleBroadcast, BleLink, Profile, profiles


@dataclass(frozen=True, slots=True)
class Fit:
    """A profile that a label fits. `why`: "site", "gtin", "name" or "model", the surest first."""

    profile: str
    why: str


@cache
def known_gtins() -> Mapping[str, tuple[str, ...]]:
    """Profiles by the beginning of a GTIN of 14 digits."""
    text = resources.files("controller.inventory").joinpath("gs1.csv").read_text(encoding="utf-8")
    return {row["begins"]: tuple(row["profiles"].split()) for row in csv.DictReader(text.splitlines())}


def fits(label: Label, site: Iterable[str] = ()) -> list[Fit]:
    """The profiles that `label` fits; `site`: those of recorded devices with its GTIN."""
    found = [Fit(name, "site") for name in site]
    if label.gtin:
        longest = max((begin for begin in known_gtins() if label.gtin.startswith(begin)), key=len, default="")
        found += [Fit(name, "gtin") for name in known_gtins().get(longest, ())]
    else:
        found += [Fit(name, "name") for name, one in profiles().items() if _advertises(one, label.text)]
        found += [Fit(name, "model") for name, one in profiles().items() if _named(one, label.text)]
    first: dict[str, Fit] = {}
    for fit in found:
        first.setdefault(fit.profile, fit)
    return list(first.values())


def bonds(profile: str) -> bool:
    """Whether the profile asks for a bond."""
    known = profiles().get(profile)
    return known is not None and isinstance(known.link, BleLink) and known.link.bond


def _advertises(profile: Profile, text: str) -> bool:
    """Whether `text` begins as the name that the model advertises."""
    link = profile.link
    return (
        isinstance(link, BleLink | BleBroadcast)
        and bool(link.name_prefix)
        and (text.startswith(link.name_prefix))
    )


def _named(profile: Profile, text: str) -> bool:
    """Whether one of the profile's models stands in `text` as words of its own, spaces and case aside."""
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(model)}(?![a-z0-9])", _plain(text)) for model in _models(profile)
    )


def _models(profile: Profile) -> Iterable[str]:
    """The model names that are telling: with a letter and a digit."""
    named = (_plain(one.partition("(")[0]) for one in re.split(r"[,;]", profile.model))
    return (one for one in named if re.fullmatch(r"(?=.*[a-z])(?=.*\d).{3,16}", one))


def _plain(text: str) -> str:
    """Lower case, without the space or hyphen between a model's letters and its digits."""
    return re.sub(r"(?<=[a-z])[ -](?=\d)", "", text.lower())

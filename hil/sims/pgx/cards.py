"""From a request of CDS Hooks to cards: JSON in, JSON out; whoever asks passes in how a UUID is drawn.

cards(request, uuid)           # [{"summary": …, "indicator": "critical", …}]
"""

from collections.abc import Callable
from typing import Any

from hil.sims.pgx.rules import LICENCE, NEWER, Rule, advice_for, function_of, genes_for

Json = dict[str, Any]
GENOTYPE, GENE = "84413-4", "48018-6"
"""LOINC."""
_SYSTEMS = ("http://www.whocc.no/atc", "http://www.nlm.nih.gov/research/umls/rxnorm")
SERVICE = "pgx-order-sign"
DISCOVERY: Json = {
    "services": [
        {
            "hook": "order-sign",
            "id": SERVICE,
            "title": "Pharmacogenomics (EXAMPLE)",
            "description": "An example, not reviewed by a pharmacist: what a few guidelines of CPIC say of a "
            "medicine and the patient's genotype.",
            "prefetch": {
                "patient": "Patient/{{context.patientId}}",
                "genotypes": "Observation?patient={{context.patientId}}&code=http://loinc.org|84413-4",
            },
        }
    ]
}
_REASONS = [
    {
        "code": "benefit-outweighs",
        "system": "urn:wardlink:example:pgx",
        "display": "The benefit outweighs it",
    },
    {"code": "no-alternative", "system": "urn:wardlink:example:pgx", "display": "There is no alternative"},
    {"code": "other-indication", "system": "urn:wardlink:example:pgx", "display": "Another indication"},
]
_WARFARIN = {"B01AA03", "11289"}


class Lacking(Exception):
    """The genotypes were not prefetched: 412."""


def cards(request: Json, uuid: Callable[[], str]) -> list[Json]:
    """What the rules say of each draft order. Raises Lacking; KeyError, TypeError: it is no such request."""
    prefetch = request.get("prefetch") or {}
    if "genotypes" not in prefetch:
        raise Lacking
    known = _genotypes(prefetch["genotypes"])
    made: list[Json] = []
    for entry in request["context"]["draftOrders"]["entry"]:
        made += _of_order(entry["resource"], known, uuid)
    return made


def _of_order(order: Json, known: dict[str, tuple[str, str]], uuid: Callable[[], str]) -> list[Json]:
    codes, made = _codes(order), list[Json]()
    if not codes:
        return [_plain("The medicine has no code of ATC or RxNorm: it was not looked at", "", uuid)]
    for gene, drug in genes_for(codes).items():
        if gene not in known:
            made.append(_unknown(gene, drug, uuid))
            continue
        genotype, at = known[gene]
        function = function_of(gene, genotype)
        if function is None:
            made.append(_unreadable(gene, genotype, drug, uuid))
        elif rule := advice_for(codes, gene, function):
            made.append(_card(rule, genotype, at, uuid) | _instead(rule, order, uuid))
    if codes & _WARFARIN and {"CYP2C9", "VKORC1"} & known.keys():
        made.append(_warfarin(known, uuid))
    return made


def _card(rule: Rule, genotype: str, at: str, uuid: Callable[[], str]) -> Json:
    later = "\n\nCPIC has a later edition, which is not in this table." if rule.guideline == NEWER else ""
    detail = (
        f"**{rule.advice}**\n\n"
        f"- Found: `{rule.gene} {genotype}`, reported {at[:10] or 'on an unknown day'}\n"
        f"- Which makes: {rule.function}\n"
        f"- Classification: {rule.strength}\n"
        f"- Guideline: CPIC, {rule.guideline}, {rule.edition} (PMID {rule.pmid})\n"
        f"- Licence: {LICENCE}\n\n"
        f"*EXAMPLE, not reviewed by a pharmacist; a part of the guideline only.*{later}"
    )
    return {
        "uuid": uuid(),
        "summary": f"{rule.gene} {genotype}, {rule.function}: {_first(rule.advice)}"[:139],
        "indicator": rule.indicator,
        "detail": detail,
        "source": {
            "label": f"CPIC {rule.guideline} {rule.edition} (EXAMPLE)",
            "url": "https://cpicpgx.org/guidelines/",
        },
        "overrideReasons": _REASONS,
        "links": [
            {
                "label": f"PubMed {rule.pmid}",
                "url": f"https://pubmed.ncbi.nlm.nih.gov/{rule.pmid}/",
                "type": "absolute",
            }
        ],
    }


def _instead(rule: Rule, order: Json, uuid: Callable[[], str]) -> Json:
    """Of what is advised against: the suggestion not to prescribe it."""
    if rule.indicator != "critical" or not order.get("id"):
        return {}
    drop = {
        "type": "delete",
        "description": f"Take the order of {rule.drug} back",
        "resourceId": f"MedicationRequest/{order['id']}",
    }
    one = {"label": "Do not prescribe it", "uuid": uuid(), "actions": [drop]}
    return {"suggestions": [one], "selectionBehavior": "at-most-one"}


def _first(advice: str) -> str:
    return advice.split(";", maxsplit=1)[0].rstrip(".")


def _warfarin(known: dict[str, tuple[str, str]], uuid: Callable[[], str]) -> Json:
    held = ", ".join(f"{gene} {known[gene][0]}" for gene in ("CYP2C9", "VKORC1") if gene in known)
    detail = "CPIC's guideline (2017, PMID 28198005) computes a dose by an algorithm: not in this example."
    return _plain(f"{held}: warfarin's dose depends on it. NOT computed here", detail, uuid)


def _unknown(gene: str, drug: str, uuid: Callable[[], str]) -> Json:
    return _plain(f"{gene} is not known: what it means for {drug} was not looked at", "", uuid)


def _unreadable(gene: str, genotype: str, drug: str, uuid: Callable[[], str]) -> Json:
    short = f"{gene} {genotype[:40]} is not in this table: what it means for {drug} was not looked at"
    return _plain(short, "", uuid)


def _plain(summary: str, detail: str, uuid: Callable[[], str]) -> Json:
    made: Json = {"uuid": uuid(), "summary": summary[:139], "indicator": "info"}
    made["source"] = {"label": "CPIC (EXAMPLE, not reviewed by a pharmacist)"}
    return made | ({"detail": detail} if detail else {})


def _codes(order: Json) -> set[str]:
    """ATC and RxNorm of the medicine and its ingredients, coded in place or contained."""
    held = [order.get("medicationCodeableConcept") or {}]
    for one in order.get("contained") or []:
        held.append(one.get("code") or {})
        held += [part.get("itemCodeableConcept") or {} for part in one.get("ingredient") or []]
    codings = [coding for one in held for coding in one.get("coding") or []]
    return {coding["code"] for coding in codings if coding.get("system") in _SYSTEMS and "code" in coding}


def _genotypes(bundle: Json | None) -> dict[str, tuple[str, str]]:
    """By gene what was found and when: the newest of each, as the answer is sorted."""
    found: dict[str, tuple[str, str]] = {}
    for entry in (bundle or {}).get("entry") or []:
        one = entry["resource"]
        gene = _gene(one)
        words = (one.get("valueCodeableConcept") or {}).get("text", "")
        if gene and words:
            found.setdefault(gene, (words.removeprefix(gene).strip(), one.get("effectiveDateTime", "")))
    return found


def _gene(one: Json) -> str:
    for part in one.get("component") or []:
        if any(coding.get("code") == GENE for coding in part["code"].get("coding") or []):
            return part["valueCodeableConcept"].get("text", "")
    return ""

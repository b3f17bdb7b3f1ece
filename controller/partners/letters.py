"""The letter that comes back with a patient: a FHIR R4 document, signed by the site as its person's.

    letter = discharge_letter(referral, "Dr. B", "Came with …", utc_ms, site_name)
    signature = sign(folder, letter, "ben", utc_us)
    check(letter, signature, root, at)      # with the partner's root alone: BadSignature

HL7 FHIR R4 (4.0.1): Bundle (document), Composition with LOINC 18842-5, Discharge summary.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from cryptography import x509

from controller.clock import utc_s_of
from controller.errors import BadSignature
from controller.handover.coded import Json, concept, full, loinc, text, time, urn
from controller.partners.model import Referral
from controller.signing.canonical import canonical
from controller.signing.jws import opened
from controller.signing.site import SiteSigner, check_site

LETTER = "wardlink-letter"
"""`typ` of the signature."""


def discharge_letter(referral: Referral, by: str, words: str, utc_ms: int, site: str) -> Json:
    """The Bundle."""
    patient = urn("letter", referral.site, referral.number, "patient")
    paragraphs = "".join(f"<p>{escape(text(line))}</p>" for line in words.splitlines() if text(line))
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'
    narrative = {"status": "generated", "div": div}
    composition = full(
        resourceType="Composition",
        identifier={"value": referral.number},
        text=narrative,
        status="final",
        type=loinc("Discharge summary", "18842-5"),
        subject={"reference": patient},
        date=time(utc_ms),
        author=[{"display": f"{text(by)} ({text(site)})"}],
        title="Discharge summary",
        section=[{"title": "Hospital course", "code": concept("Hospital course"), "text": narrative}],
    )
    who = full(
        resourceType="Patient",
        identifier=[{"value": text(referral.patient)}],
        name=[{"text": text(referral.name)}] if text(referral.name) else None,
    )
    made = urn("letter", referral.site, referral.number, utc_ms)
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": made},
        "type": "document",
        "timestamp": time(utc_ms),
        "entry": [
            {"fullUrl": urn("letter", made, "composition"), "resource": composition},
            {"fullUrl": patient, "resource": who},
        ],
    }


def sign(folder: Path, letter: Mapping[str, Any], by: str, utc_us: int) -> str:
    """The detached JWS over it, by the authority in `folder`. Raises AuthorityError."""
    return SiteSigner(folder).sign(LETTER, by, canonical(letter), utc_us // 1_000_000)


def check(letter: Mapping[str, Any], signature: str, by: str, root: bytes) -> None:
    """That the site of this root (DER) signed it as the letter of `by`. Raises BadSignature."""
    jws = opened(signature, LETTER)
    at_s = utc_s_of(str(letter.get("timestamp", "")))
    if at_s is None or jws.by != by:
        raise BadSignature("expected a letter with its time, signed as of who sends it: send it again")
    check_site(jws, canonical(letter), [x509.load_der_x509_certificate(root)], at_s)

"""Signatures of reports: a detached JWS by the site's issuing key (controller/signing/), ES256.

The protected header names the person (`sub`) and carries the certificates up to the root (`x5c`), so that a
file is checked anywhere with the site's root alone.

    content = signed_file(document, signer.sign(document, "anna"))
    verify(content, [root])                     # Verified("anna", "2026-11-26T13:00:00.000Z", {…})
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from controller.clock import utc_s_of
from controller.errors import BadSignature
from controller.signing.canonical import canonical, parsed
from controller.signing.jws import REPORT, opened
from controller.signing.site import SiteSigner, check_site


@dataclass(frozen=True, slots=True)
class Verified:
    """A report whose signature holds."""

    by: str
    """Who signed."""
    issued: str
    """When, as the report says."""
    report: Mapping[str, Any]


class ReportSigner:
    """Signs with the key of the authority in `folder`, as it is at that moment."""

    def __init__(self, folder: Path) -> None:
        self._site = SiteSigner(folder)

    def sign(self, document: Mapping[str, Any], by: str, utc_us: int) -> str:
        """The detached JWS over `document`, by the person `by`. Raises AuthorityError, BadSignature."""
        return self._site.sign(REPORT, by, canonical(document), utc_us // 1_000_000)


def signed_file(document: Mapping[str, Any], signature: str) -> bytes:
    """The file that `verify` takes: canonical JSON, so that each of its bytes counts."""
    return canonical({"report": document, "signature": signature})


def verify(content: bytes, roots: Iterable[x509.Certificate]) -> Verified:
    """What the file of a signed report says, if one of `roots` vouches for it. Raises BadSignature."""
    file = parsed(content)
    if not (isinstance(file, dict) and set(file) == {"report", "signature"}):
        raise BadSignature("expected a file with a report and its signature, got something else")
    signature, report = file["signature"], file["report"]
    if not (isinstance(signature, str) and isinstance(report, dict)):
        raise BadSignature("expected a report and a signature as text, got something else")
    jws = opened(signature, REPORT)
    issued = str(report.get("issued", ""))
    if (at_s := utc_s_of(issued)) is None:
        raise BadSignature(f"expected a report that says when it was issued, got {issued!r:.40}")
    check_site(jws, canonical(report), roots, at_s)
    return Verified(jws.by, issued, report)

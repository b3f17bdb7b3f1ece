"""A claim as a QR code (ISO/IEC 18004): for a page, and for a terminal."""

import io

import segno

from devices.model.claim import Claim


def as_rows(claim: Claim) -> list[str]:
    """Its modules line by line, "1" is dark, without a quiet zone: what a page draws as SVG."""
    return text_as_rows(claim.to_text())


def text_as_rows(text: str) -> list[str]:
    """The same of any text."""
    return ["".join(map(str, row)) for row in segno.make_qr(text, error="m").matrix]


def as_terminal(claim: Claim) -> str:
    """Lines of half blocks, about 70 columns; right way round on a dark terminal, inverted on a light one."""
    out = io.StringIO()
    _code(claim).terminal(out, border=4, compact=True)
    return out.getvalue()


def _code(claim: Claim) -> segno.QRCode:
    return segno.make_qr(claim.to_text(), error="m")

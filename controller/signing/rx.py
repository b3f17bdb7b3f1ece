"""`wardlink rx`: signed documents, such as prescriptions, checked without a controller.

Exit statuses of `verify`: 0, everything holds; 2, as typer has it: the command line; and those of STATUS.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives import hashes

from controller.clock import utc_text
from controller.errors import AuthorityError, BadSignature
from controller.identity.pems import read_certificate
from controller.signing.canonical import parsed
from controller.signing.revoked import RevokedList, read_revoked
from controller.signing.verify import Verified, verify

app = typer.Typer(no_args_is_help=True, help="Signed documents, such as prescriptions.")
STATUS: Mapping[str, int] = {
    "changed": 1,
    "form": 3,
    "foreign": 4,
    "certificate": 5,
    "person": 5,
    "time": 5,
    "receipt": 6,
    "revoked": 7,
    "list": 8,
    "root": 9,
}
"""By BadSignature.code: changed; not of the form; another root; key, person or time do not fit; no
receipt, or it does not hold; revoked or retired before it was accepted; the list, the root cannot be used."""


@app.callback()
def rx() -> None:
    """Signed documents, such as prescriptions."""


@app.command("verify")
def verified(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="As the page saved it.")],
    root: Annotated[
        list[Path], typer.Option(exists=True, dir_okay=False, help="The site's root.pem; repeat it for more.")
    ],
    revoked: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="By `wardlink controller signing revoked`."),
    ] = None,
) -> None:
    """Say who signed, in which role, when and what. The exit status says what does not hold."""
    try:
        roots = [read_certificate(one) for one in root]
        listed = read_revoked(revoked.read_bytes(), roots) if revoked else None
        held = verify(file.read_bytes(), roots, listed)
    except (AuthorityError, BadSignature) as error:
        typer.echo(f"{file}: {_which(file)}{error}", err=True)
        raise typer.Exit(STATUS[error.code if isinstance(error, BadSignature) else "root"]) from None
    for name, words in _told(held, listed):
        typer.echo(f"{name:9} {words}")
    typer.echo(json.dumps(held.document, indent=2, ensure_ascii=False))


def _which(file: Path) -> str:
    """What the file says that it is, of which nothing is proved: number, and dose as it stands there."""
    try:
        document = parsed(file.read_bytes())["document"]
        number = document["identifier"][0]["value"]
        doses = [one["doseAndRate"][0]["doseQuantity"] for one in document.get("dosageInstruction", ())]
        said = ", ".join(f"{one['value']} {one['unit']}" for one in doses)
    except (BadSignature, LookupError, TypeError):
        return ""
    return f"{number} ({said} in the file): " if said else f"{number}: "


def _told(held: Verified, listed: RevokedList | None) -> list[tuple[str, str]]:
    ended = (
        f"not in the list of {_when(listed.issued_s)}" if listed else "not looked at: no --revoked was given"
    )
    if listed and (later := listed.keys.get(held.serial)):
        ended = f"the key was {later.state} later, at {_when(later.at_s)}"
    return [
        ("signed by", f"{held.name} ({', '.join(held.roles)})"),
        ("at", _when(held.signed_s)),
        ("accepted", _when(held.accepted_s)),
        ("key", held.serial),
        ("revoked", ended),
        ("root", f"SHA-256 {held.root.fingerprint(hashes.SHA256()).hex()}"),
    ]


def _when(at_s: int) -> str:
    return f"{utc_text(at_s * 1_000_000)[:19].replace('T', ' ')} UTC"

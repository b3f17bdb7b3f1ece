"""The controller's own key for decision support: EC P-384 (ES384), in a file of its own; and JWTs by it.

    keys = CdsKeys(data / "keys" / "cds-es384.json", "https://wardlink.hospital.example")
    headers = keys.headers("https://pgx.example/cds-services", utc_s, jti=uuid)     # Authorization: Bearer …
    keys.public                                                  # the JWK Set (RFC 7517), for services

CDS Hooks 2.0, Trusting CDS Clients; RFC 7519; RFC 7518 (ES384).
"""

import json
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from controller.errors import ConfigError
from controller.files import write_private

FILE = "keys/cds-es384.json"
LIFE_S = 120
"""How long a JWT holds: one call, and clocks that differ."""


class CdsKeys:
    """The key in `path`, made when there is none. Raises ConfigError: the file is no such key."""

    def __init__(self, path: Path, issuer: str) -> None:
        self._issuer = issuer
        if not path.exists():
            made = ECKey.generate_key("P-384")
            write_private(path, json.dumps(made.as_dict(private=True)) + "\n")
        self._key = _read(path)
        self._id = self._key.thumbprint()

    @property
    def public(self) -> dict[str, Any]:
        """The JWK Set of the public half."""
        whole = {"use": "sig", "alg": "ES384", "kid": self._id}
        return {"keys": [{**self._key.as_dict(private=False), **whole}]}

    def headers(self, audience: str, utc_s: int, jti: str) -> dict[str, str]:
        """For one call of the endpoint `audience`; `jti` is used once."""
        head = {"alg": "ES384", "typ": "JWT", "kid": self._id}
        claims: dict[str, Any] = {"iss": self._issuer, "aud": audience, "iat": utc_s, "exp": utc_s + LIFE_S}
        text = jwt.encode(head, {**claims, "jti": jti}, self._key, algorithms=["ES384"])
        return {"Authorization": f"Bearer {text}"}


def _read(path: Path) -> ECKey:
    try:
        key = ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, JoseError) as error:
        raise ConfigError(
            f"{path}: expected our EC key, it cannot be read ({error}): put the copy back"
        ) from None
    if key.curve_name != "P-384" or not key.is_private:
        raise ConfigError(f"{path}: expected a private key of P-384, got another: put the copy back")
    return key

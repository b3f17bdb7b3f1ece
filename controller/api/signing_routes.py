"""The rows of the route table for people's keys to sign with, and the pages' part of signing."""

from controller.api import pages, signing
from controller.api import signing_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

_SIGN, _PEOPLE = Permission.SIGN, Permission.MANAGE_PEOPLE
_KEYS, _OTHERS = "/api/signing/keys", "/api/people/{person}/signing"
_FILES = pages.load("signing")

# fmt: off
SIGNING_ROUTES: tuple[Route, ...] = (
    Route("GET", _KEYS, "signing-keys", signing.own_keys, _SIGN, "One's own keys, the newest first",
          answer=schemas.SigningKeyList, refusals=(503,)),
    Route("POST", "/api/signing/challenge", "signing-challenge", signing.challenge, _SIGN,
          "What a new key has to sign", answer=schemas.Challenge),
    Route("POST", _KEYS, "signing-key-make", signing.make, _SIGN,
          "Get a certificate for a new key; the one before signs no more", body=schemas.NewKeyBody,
          answer=schemas.SigningKeyView, refusals=(400, 401, 403, 404, 409, 429, 503)),
    Route("GET", "/api/signing/unlock", "signing-unlock", signing.unlock, _SIGN,
          "What a browser unlocks one's key with", answer=schemas.UnlockView, refusals=(404, 503)),
    Route("PUT", _KEYS + "/{serial}/wraps", "signing-key-wraps", signing.rewrap, _SIGN,
          "The ways to unlock it", body=schemas.WrapsBody, refusals=(400, 401, 403, 404, 409, 429, 503)),
    Route("PUT", _KEYS + "/{serial}/revoked", "signing-key-revoke", signing.revoke, _SIGN,
          "Take it back, for ever", body=schemas.RevokedBody, answer=schemas.SigningKeyView,
          refusals=(400, 404, 409, 503)),
    Route("GET", _OTHERS, "person-signing-keys", signing.keys_of, _PEOPLE, "A person's keys",
          answer=schemas.SigningKeyList, refusals=(503,)),
    Route("PUT", _OTHERS + "/{serial}/revoked", "person-signing-key-revoke", signing.revoke_of, _PEOPLE,
          "Take a person's key back, for ever", body=schemas.RevokedBody, answer=schemas.SigningKeyView,
          refusals=(400, 404, 409, 503)),
    Route("GET", "/signing/{path:.+}", "files-signing", pages.serve(_FILES), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
)
# fmt: on

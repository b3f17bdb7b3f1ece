"""The rows of the route table for passkeys, and the page of one's own passkeys and of API tokens."""

from controller.api import login_schemas as schemas
from controller.api import pages, passkey_login
from controller.api.route import Route
from controller.api.schemas import Document
from controller.security.permissions import Permission

P = Permission
_ONE = "/api/passkeys/{passkey}"
_FILES, _HTML = pages.load("account"), "text/html"

# fmt: off
PASSKEY_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/login/passkey/options", "passkey-login-options", passkey_login.login_options,
          P.PUBLIC, "What navigator.credentials.get asks a passkey for", answer=Document, refusals=(429,)),
    Route("POST", "/api/login/passkey", "passkey-login", passkey_login.log_in, P.PUBLIC,
          "Log in with a passkey: sets the session cookie",
          body=schemas.CredentialBody, refusals=(400, 401, 503)),
    Route("GET", "/api/passkeys", "passkeys", passkey_login.passkeys, P.LOGGED_IN,
          "One's own passkeys", answer=schemas.PasskeyList, refusals=(503,)),
    Route("POST", "/api/passkeys/options", "passkey-options", passkey_login.registration_options, P.LOGGED_IN,
          "What navigator.credentials.create makes a passkey from; soon after the login only",
          answer=Document, refusals=(503,)),
    Route("POST", "/api/passkeys", "add-passkey", passkey_login.register, P.LOGGED_IN,
          "Add a passkey; soon after the login only",
          body=schemas.NewPasskeyBody, refusals=(400, 409, 503)),
    Route("PUT", _ONE, "rename-passkey", passkey_login.rename, P.LOGGED_IN,
          "Give a passkey another name", body=schemas.PasskeyNameBody, refusals=(400, 404, 503)),
    Route("DELETE", _ONE, "remove-passkey", passkey_login.remove, P.LOGGED_IN,
          "Remove a passkey", refusals=(404, 503)),

    Route("GET", "/account/keys", "page-keys", pages.serve(_FILES, "keys.html"), P.LOGGED_IN,
          "One's own passkeys, and API tokens", media=_HTML),
    Route("GET", "/account/{path:.+}", "files-account", pages.serve(_FILES), P.OWN_ACCOUNT,
          "Files", media=_HTML),
)
# fmt: on

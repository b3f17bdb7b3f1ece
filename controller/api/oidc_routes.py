"""The rows of the route table for the login by identity provider."""

from controller.api import login_schemas as schemas
from controller.api import logins, oidc_login, oidc_logout
from controller.api.route import Route
from controller.security.permissions import Permission

P = Permission
_HTML = "text/html"

# fmt: off
OIDC_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/login/ways", "login-ways", logins.ways, P.PUBLIC,
          "How people can log in here", answer=schemas.Ways),
    Route("POST", "/api/oidc/logout", "oidc-logout", oidc_logout.log_out, P.OWN_ACCOUNT,
          "Log out; the answer says where to log out of the identity provider",
          answer=schemas.Farewell, refusals=(503,)),
    Route("POST", "/api/oidc/backchannel-logout", "oidc-backchannel", oidc_logout.backchannel, P.PUBLIC,
          "The identity provider ends sessions, by a logout token", takes="application/x-www-form-urlencoded",
          answer=schemas.LoggedOut, by_servers=True, refusals=(400, 404, 503)),
    Route("GET", "/oidc/login", "oidc-login", oidc_login.begin, P.PUBLIC,
          "To the identity provider", media=_HTML),
    Route("GET", "/oidc/callback", "oidc-callback", oidc_login.callback, P.PUBLIC,
          "Back from the identity provider", media=_HTML),
)
# fmt: on

"""The rows of the route table for API tokens."""

from controller.api import api_tokens
from controller.api import login_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

P = Permission

# fmt: off
TOKEN_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/tokens", "tokens", api_tokens.tokens, P.TECHNICAL_TOKENS,
          "Every API token that ever was; never the token itself", answer=schemas.TokenList, refusals=(503,)),
    Route("POST", "/api/tokens", "make-token", api_tokens.make, P.TECHNICAL_TOKENS,
          "Make a token: it is shown this once", body=schemas.NewTokenBody, answer=schemas.NewToken,
          refusals=(400, 404, 409, 503)),
    Route("DELETE", "/api/tokens/{token}", "revoke-token", api_tokens.revoke, P.TECHNICAL_TOKENS,
          "End a token, and every stream that it opened, at once", refusals=(404, 503)),
)
# fmt: on

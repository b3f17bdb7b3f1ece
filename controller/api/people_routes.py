"""Routes of people: login and lock, one's own account, all accounts, break-glass."""

from controller.api import account, bodies, glass, login, pages, people, schemas
from controller.api import people_schemas as shapes
from controller.api.route import Query, Route
from controller.security.permissions import Permission

P = Permission
_ALL = (Query("all", "true: those with a verdict, too", {"type": "boolean"}, required=False),)
_FILES, _HTML = pages.load("people"), "text/html"

# fmt: off
PEOPLE_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/login", "login", login.log_in, P.PUBLIC,
          "Log in: sets the session cookie", body=bodies.LoginBody, refusals=(400, 401, 429, 503)),
    Route("POST", "/api/logout", "logout", login.log_out, P.OWN_ACCOUNT, "Log out"),
    Route("GET", "/api/me", "me", login.me, P.OWN_ACCOUNT, "Who is logged in", answer=schemas.Me),
    Route("POST", "/api/lock", "lock", login.lock, P.OWN_ACCOUNT, "Lock the screen"),
    Route("POST", "/api/unlock", "unlock", login.unlock, P.OWN_ACCOUNT,
          "Unlock it by one's password", body=shapes.PasswordBody, refusals=(400, 429, 503)),
    Route("POST", "/api/touched", "touched", login.touched, P.LOGGED_IN,
          "Somebody touched the screen: it locks later"),
    Route("PUT", "/api/account/password", "change-password", account.change_password, P.OWN_ACCOUNT,
          "Choose another password", body=shapes.NewPasswordBody, refusals=(400, 429, 503)),
    Route("POST", "/api/account/second-factor", "offer-second-factor", account.offer_second_factor,
          P.OWN_ACCOUNT, "Begin to set up a second factor", body=shapes.PasswordBody, answer=shapes.Offer,
          refusals=(400, 429, 503)),
    Route("PUT", "/api/account/second-factor", "confirm-second-factor", account.confirm_second_factor,
          P.OWN_ACCOUNT, "Confirm it by its first code", body=shapes.CodeBody, answer=shapes.RecoveryCodes,
          refusals=(400, 429, 503)),
    Route("GET", "/api/account/sessions", "own-sessions", account.sessions, P.LOGGED_IN,
          "Where one is logged in", answer=shapes.HeldSessions, refusals=(503,)),
    Route("DELETE", "/api/account/sessions/{session}", "end-own-session", account.end_session, P.LOGGED_IN,
          "End one of them, at once", refusals=(404, 503)),

    Route("GET", "/api/people", "people", people.people, P.MANAGE_PEOPLE, "All accounts",
          answer=shapes.People, refusals=(503,)),
    Route("POST", "/api/people", "create-person", people.create, P.MANAGE_PEOPLE, "Let a person in",
          body=shapes.PersonBody, answer=shapes.OneTimePassword, refusals=(400, 404, 409, 503)),
    Route("PUT", "/api/people/{person}", "change-person", people.change, P.MANAGE_PEOPLE,
          "Other roles and wards", body=shapes.RightsBody, refusals=(400, 404, 409, 503)),
    Route("PUT", "/api/people/{person}/disabled", "disable-person", people.disable, P.MANAGE_PEOPLE,
          "Shut a person out at once, or let them in again", body=shapes.DisabledBody,
          refusals=(400, 404, 409, 503)),
    Route("POST", "/api/people/{person}/password", "reset-password", people.reset, P.MANAGE_PEOPLE,
          "A new password for one login", answer=shapes.OneTimePassword, refusals=(404, 503)),
    Route("DELETE", "/api/people/{person}/second-factor", "forget-second-factor",
          people.forget_second_factor, P.MANAGE_PEOPLE, "Forget a lost second factor", refusals=(404, 503)),

    Route("POST", "/api/break-glass", "glass-broken", glass.begin, P.BREAK_GLASS,
          "See a patient of another ward for 30 minutes", body=shapes.BreakGlassBody, answer=shapes.Broken,
          refusals=(400, 404, 409, 429, 503)),
    Route("DELETE", "/api/break-glass", "glass-ended", glass.end, P.BREAK_GLASS,
          "See them no longer", refusals=(503,)),
    Route("GET", "/api/break-glass", "glass-reviews", glass.reviews, P.REVIEW_GLASS,
          "Who broke the glass and why; without a verdict, or all", answer=shapes.Reviews, query=_ALL,
          refusals=(503,)),
    Route("PUT", "/api/break-glass/{id}/review", "glass-review", glass.review, P.REVIEW_GLASS,
          "Judge one", body=shapes.ReviewBody, refusals=(400, 404, 409, 503)),

    Route("GET", "/account", "page-account", pages.serve(_FILES, "account.html"), P.OWN_ACCOUNT,
          "One's own account", media=_HTML),
    Route("GET", "/people", "page-people", pages.serve(_FILES, "people.html"), P.MANAGE_PEOPLE,
          "Accounts", media=_HTML),
    Route("GET", "/reviews", "page-reviews", pages.serve(_FILES, "reviews.html"), P.REVIEW_GLASS,
          "The review queue", media=_HTML),
    Route("GET", "/people/{path:.+}", "files-people", pages.serve(_FILES), P.OWN_ACCOUNT,
          "Files", media=_HTML),
)
# fmt: on

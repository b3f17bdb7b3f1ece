"""The cookie of somebody of a partner site who came into a conference here."""

from controller.api.path_cookie import PathCookie
from controller.partners.access import LASTS_MS

COOKIE, PATH = "__Secure-wardlink-partner", "/api/partner-room"
OF_PARTNER = PathCookie(COOKIE, PATH, LASTS_MS // 1000)

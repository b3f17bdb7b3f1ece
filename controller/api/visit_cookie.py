"""The cookie of who came in by a link to a visit."""

from controller.api.path_cookie import PathCookie
from controller.telemedicine.access import LASTS_MS

COOKIE, PATH = "__Secure-wardlink-visit", "/api/visit"
OF_VISIT = PathCookie(COOKIE, PATH, LASTS_MS // 1000)

"""The cookie of a patient's session."""

from controller.api.path_cookie import PathCookie
from controller.patient_access.sessions import LASTS_MS

COOKIE, PATH = "__Secure-wardlink-my", "/api/my"
OWN = PathCookie(COOKIE, PATH, LASTS_MS // 1000)

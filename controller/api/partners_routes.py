"""The rows of the route table for partner sites: for administrators, physicians, guests of a conference."""

from dataclasses import replace

from controller.api import (
    conferences,
    pages,
    partners,
    partners_documents,
    partners_meetings,
    partners_notices,
    partners_notices_schemas,
    partners_pictures,
    partners_referrals,
    partners_room,
)
from controller.api import partners_conclusions_schemas as copies
from controller.api import partners_schemas as schemas
from controller.api.conferences_routes import CONFERENCES_ROUTES
from controller.api.partners_cookie import PATH
from controller.api.partners_referrals import CONSENTS, WHOSE
from controller.api.partners_room import WAYS, comer, of_session
from controller.api.replaced import REPLACED
from controller.api.room_marks import mark_routes
from controller.api.rooms import room_routes
from controller.api.route import Route
from controller.security.permissions import Permission

_MANAGE, _REFER, _JOIN = Permission.MANAGE_PARTNERS, Permission.REFER, Permission.JOIN_CONFERENCE
_HOLD = Permission.HOLD_CONFERENCES
_REFERRAL = f"{partners_referrals.ALL}/{{id}}"
_MEETING = f"{partners_meetings.ALL}/{{site}}/{{number}}"
_ROOM = f"{PATH}/{{number}}"
_CHANGES = (400, 404, 409, 412, 428, 503)
_PAGES = pages.load("partners")

_LOOKED = frozenset(
    {"conference", "conference-file", "conference-look"}
    | {"conference-images", "conference-series", "conference-picture"}
)
"""What of a conference who comes from a partner site sees, as people of this site do."""


def _for_guests(route: Route) -> Route:
    path = route.path.replace(f"{conferences.ALL}/{{number}}", _ROOM)
    handler = of_session(route.handler)
    return replace(route, path=path, name=f"partner-{route.name}", handler=handler, permission=_JOIN)


# fmt: off
PARTNERS_ROUTES: tuple[Route, ...] = (
    Route("GET", partners.ALL, "partners", partners.partners, _MANAGE,
          "Partner sites, what waits for each, and our own card", answer=schemas.PartnerList,
          refusals=(404, 503)),
    Route("POST", partners.ALL, "partner-add", partners.add, _MANAGE,
          "Take a partner's card; nothing is exchanged until its fingerprint was compared",
          body=schemas.PartnerCardBody, answer=schemas.PartnerAnswer, refusals=(400, 404, 409, 503)),
    Route("PUT", partners.ALL + "/{site}/state", "partner-state", partners.step, _MANAGE,
          "Say which fingerprint the partner read out; suspend the partnership, go on, end it",
          body=schemas.PartnerStateBody, answer=schemas.PartnerAnswer, headers=(REPLACED,),
          refusals=_CHANGES),

    Route("PUT", partners.ALL + "/{site}/refused/{id}/again", "partner-again", partners.again, _MANAGE,
          "Send a message again that the partner refused, while the consent holds that it rests on",
          answer=schemas.PartnerAnswer, refusals=(400, 404, 409, 503)),

    Route("GET", partners_referrals.ALL, "referrals", partners_referrals.referrals, _HOLD,
          "Referrals to and from partners, for who may refer, and conferences of theirs that one is asked to",
          answer=schemas.ReferralList, refusals=(404, 503)),
    Route("POST", partners_referrals.ALL, "referral-ask", partners_referrals.ask, _REFER,
          "Refer a patient whom one sees, with the patient's consent that names the partner",
          body=schemas.ReferralBody, answer=schemas.ReferralAnswer, refusals=(400, 404, 409, 503)),
    Route("GET", _REFERRAL, "referral", partners_referrals.referral, _REFER,
          "One referral: the case, and the letter that came back; without consent none of it",
          answer=schemas.ReferralAnswer, refusals=(404, 503)),
    Route("GET", _REFERRAL + "/pictures/{place}", "referral-picture", partners_pictures.picture, _REFER,
          "A picture of the case, as it went or came; without consent none", media="image/jpeg",
          refusals=(400, 404, 409, 503)),
    Route("PUT", _REFERRAL + "/state", "referral-state", partners_referrals.step, _REFER,
          "Accept or reject one that came; take back one's own", body=schemas.ReferralStateBody,
          answer=schemas.ReferralAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _REFERRAL + "/letter", "referral-letter", partners_referrals.give_back, _REFER,
          "Transfer the patient back with the discharge letter, which the site signs",
          body=schemas.LetterBody, answer=schemas.ReferralAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", "/api/partner-notices/{id}/read", "partner-notice-read", partners_notices.read, _HOLD,
          "One has read it", refusals=(400, 404, 503)),
    Route("GET", "/api/waiting", "waiting", partners_notices.waiting, Permission.LOGGED_IN,
          "How much one has not read, of conferences and of partners",
          answer=partners_notices_schemas.Waiting, refusals=(503,)),
    Route("GET", "/api/referral-documents", "referral-documents", partners_documents.choices, _REFER,
          "What was signed of a patient before and can go along: summaries of visits, conclusions",
          answer=schemas.ReferralDocuments, query=(WHOSE,), refusals=(404, 503)),
    Route("GET", CONSENTS, "partner-consents", partners_referrals.consents, _REFER,
          "What a patient said of being shared with partners", answer=schemas.PartnerConsentList,
          query=(WHOSE,), refusals=(404, 503)),
    Route("POST", CONSENTS, "partner-consent", partners_referrals.consent, _REFER,
          "Write down what the patient said", body=schemas.PartnerConsentBody,
          answer=schemas.PartnerConsentList, refusals=(400, 404, 409, 503)),

    Route("PUT", _MEETING + "/answer", "partner-conference-answer", partners_meetings.say, _HOLD,
          "Answer a partner's conference", body=schemas.MeetingAnswerBody, answer=schemas.MeetingList,
          refusals=(400, 404, 409, 503)),
    Route("POST", _MEETING + "/way-in", "partner-conference-entry", partners_meetings.way_in, _HOLD,
          "A way into its room, by the word of this site: good once, for a minute",
          answer=schemas.WayInAnswer, refusals=(404, 409, 503)),

    Route("GET", _MEETING + "/conclusions", "partner-conclusions", partners_meetings.conclusions, _HOLD,
          "What it concluded, with the signatures, as long as the patient's consent holds",
          answer=copies.CopiedConclusions, refusals=(404, 409, 503)),
    Route("POST", _MEETING + "/conclusions/{case}/document", "partner-conclusion-document",
          partners_meetings.to_sign, _HOLD, "What one signs to agree, or to differ in one's own words",
          body=copies.CopyStanceBody, answer=copies.CopyDocument, refusals=(400, 404, 409, 503)),
    Route("PUT", _MEETING + "/conclusions/{case}/signature", "partner-conclusion-sign",
          partners_meetings.sign, _HOLD, "Sign that one agrees, or differs, with one's own key",
          body=copies.CopySignatureBody, answer=copies.CopiedConclusions, refusals=(400, 404, 409, 503)),

    Route("POST", PATH + "/session", "partner-enter", partners_room.enter, Permission.PUBLIC,
          "Come into a conference by the word of one's own site", body=schemas.WayInBody,
          refusals=(400, 401, 404, 429, 503)),
    Route("DELETE", PATH + "/session", "partner-leave", partners_room.leave, _JOIN, "And go",
          refusals=(503,)),
    Route("GET", PATH, "partner-own", partners_room.own, _JOIN, "The conference one came into",
          answer=schemas.OwnRoom, refusals=(503,)),
    *(_for_guests(route) for route in CONFERENCES_ROUTES if route.name in _LOOKED),
    *room_routes(_ROOM, "partner", _JOIN, "the conference one came into", WAYS),
    *mark_routes(_ROOM, "partner", _JOIN, "the conference one came into", comer),

    Route("GET", "/partners", "page-partners", pages.serve(_PAGES, "partners.html"), _MANAGE,
          "Partner sites", media="text/html"),
    Route("GET", "/referrals", "page-referrals", pages.serve(_PAGES, "referrals.html"), _HOLD,
          "Referrals to and from partner sites, and their conferences", media="text/html"),
    Route("GET", "/partners/{path:.+}", "files-partners", pages.serve(_PAGES), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
    Route("GET", "/partner-room", "page-partner-room",
          pages.serve(pages.load("partner-room"), "room.html", may_film=True), Permission.PUBLIC,
          "A conference here, for who comes from a partner site", media="text/html"),
    Route("GET", "/partner-room/{path:.+}", "files-partner-room", pages.serve(pages.load("partner-room")),
          Permission.PUBLIC, "Files", media="text/html"),
)
# fmt: on

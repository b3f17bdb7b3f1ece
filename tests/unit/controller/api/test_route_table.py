"""The route table and the OpenAPI document made from it."""

import inspect
import json
import re
from typing import Any

import pytest

from controller.api.answers import PAGES
from controller.api.openapi import document
from controller.api.routes import TABLE
from controller.security.permissions import GRANTS, OF_NO_ROLE, Permission

DOCUMENT = document(TABLE)
API = [route for route in TABLE if route.path.startswith("/api/")]
OPERATIONS = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]


def references(node: Any) -> set[str]:
    return set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(node)))


def test_names_are_unique_because_the_gate_looks_routes_up_by_name() -> None:
    assert len({route.name for route in TABLE}) == len(TABLE)


def test_only_the_way_to_the_login_is_public() -> None:
    public = {route.path for route in TABLE if route.permission is Permission.PUBLIC}
    passkey = {"/api/login/passkey", "/api/login/passkey/options"}
    ways = {"/api/login", "/api/login/ways", "/oidc/login", "/oidc/callback", "/api/oidc/backchannel-logout"}
    told = {"/api/quality/notifications", "/api/payments/callback"}
    patients = {"/my", "/my/{path:.+}", "/api/my/session", "/api/visit/session", "/visit", "/visit/{path:.+}"}
    partners = {"/api/partner-room/session", "/partner-room", "/partner-room/{path:.+}"}
    files = {"/login", "/public/{path:.+}", "/screen/{path:.+}"}
    probes = {"/healthz", "/readyz"}
    support = {"/.well-known/jwks.json", "/cds-services", "/cds-services/{service}"}
    assert public == {*files, *ways, *passkey, *told, *patients, *partners, *probes, *support}


def test_only_what_a_server_proves_by_itself_needs_no_origin() -> None:
    servers = ["oidc-backchannel", "quality-notification", "payment-callback"]
    support = ["cds-services-origin", "cds-service", "cds-service-origin"]
    assert [route.name for route in TABLE if route.by_servers] == [*servers, *support]


ONE_ALONE = re.compile(
    r"robots\(request\)|\.rooms\b|recorded\(request\)|\[BULK\]|\[COHORTS\]|proved\(|proved_again\(|slowed\("
    r"|\.passkeys\b|imaging\(request\)|\.watching\b|\.tries\b|\bTRIES\b|\.marking\b|support\(request\)"
)
"""What is in the memory, or in the folder, of one controller, as handlers name it."""


def test_what_needs_the_memory_of_one_controller_is_answered_by_the_one_on_duty() -> None:
    anywhere = [route for route in TABLE if not route.on_duty]
    needing = {one.name for one in anywhere if ONE_ALONE.search(inspect.getsource(one.handler))}
    assert needing == set()


def test_pages_and_what_they_begin_with_are_served_by_any_controller() -> None:
    on_duty = {route.name for route in TABLE if route.on_duty}
    assert not on_duty & {"snapshot", "events", "me", "trends", "waveforms", "prescriptions", "patients"}
    pages = {route.name for route in TABLE if route.media == "text/html"}
    assert on_duty & pages == {"oidc-login", "oidc-callback"}


def test_every_permission_is_granted_to_some_role_but_those_of_other_sessions() -> None:
    granted = set().union(*GRANTS.values())
    assert granted == set(Permission) - {Permission.PUBLIC, *OF_NO_ROLE}


@pytest.mark.parametrize("route", API, ids=lambda route: route.name)
def test_every_api_route_is_in_the_document(route: Any) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    assert operation["x-permission"] == route.permission
    assert operation["summary"]


def test_the_document_has_nothing_but_the_routes() -> None:
    assert len(OPERATIONS) == len(API)


def test_no_two_models_share_a_name_by_which_one_would_stand_for_the_other() -> None:
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []


def test_every_reference_of_the_document_leads_to_a_schema() -> None:
    held = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert references(DOCUMENT)
    assert references(DOCUMENT) <= held


def test_every_path_parameter_is_declared() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path))


def test_the_document_says_what_openapi_3_1_demands() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    ids = [operation["operationId"] for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    for operation in OPERATIONS:
        assert all(response["description"] for response in operation["responses"].values())
        assert all(re.fullmatch(r"[1-5]\d\d", status) for status in operation["responses"])


def test_what_needs_a_session_says_so() -> None:
    for route in API:
        security = DOCUMENT["paths"][route.path][route.method.lower()]["security"]
        assert bool(security) is (route.permission is not Permission.PUBLIC)


def test_whoever_opens_a_page_without_a_login_is_led_to_it() -> None:
    pages = {one.path for one in TABLE if "html" in one.media and "{" not in one.path}
    public = {one.path for one in TABLE if one.permission is Permission.PUBLIC}
    assert pages - public == PAGES

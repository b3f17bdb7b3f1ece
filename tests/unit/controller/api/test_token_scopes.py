"""Which routes a token can reach at all."""

from controller.api.routes import TABLE
from controller.api.token_scopes import NEEDS, TECHNICAL
from controller.security.permissions import Permission
from controller.security.scopes import Scope, allows


def test_each_route_that_tokens_reach_is_in_the_table_and_is_no_way_to_rights() -> None:
    routes = {route.name: route for route in TABLE}
    assert NEEDS.keys() <= routes.keys()
    reachable = {routes[name].permission for name in NEEDS}
    assert reachable.isdisjoint(
        {Permission.PUBLIC, Permission.OWN_ACCOUNT, Permission.MANAGE_PEOPLE, Permission.MANAGE_TOKENS}
    )
    assert [name for name, needed in NEEDS.items() if not needed] == ["openapi"]


def test_what_engineers_may_give_to_programs_shows_no_patient() -> None:
    scopes = [Scope(resource, "rs") for resource in TECHNICAL]
    reached = {name for name, needed in NEEDS.items() if allows(scopes, needed)}
    assert reached == {
        *("openapi", "devices", "gateways"),
        *("inventory", "inventory-device", "inventory-export"),
        *("ledger", "ledger-export", "ledger-journal", "quarantine"),
        *("metrics", "readiness"),
    }

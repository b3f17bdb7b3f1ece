"""A certificate is ours only if key, name, use and root are; whatever is wrong is said."""

from datetime import timedelta

import pytest

from controller.identity.authority import Authority, new_key
from gateway.enrolment.certificates import chosen
from gateway.errors import IdentityError
from tests.support.est import LIFE, now
from tests.unit.gateway.enrolment.made import authority

OURS, OTHER = authority(), authority()
KEY = new_key()
GOOD = OURS.client("ward-a", KEY.public_key(), now(), LIFE)


def test_the_chain_is_found_in_any_order_and_ends_below_the_root() -> None:
    given = [OURS.root, OURS.issuing, GOOD]
    assert chosen(given, KEY, "ward-a", OURS.root) == (GOOD, OURS.issuing)
    assert chosen(given[::-1], KEY, "ward-a", OURS.root) == (GOOD, OURS.issuing)


def test_one_that_has_expired_is_still_ours_for_it_renews_itself() -> None:
    old = OURS.client("ward-a", KEY.public_key(), now() - timedelta(days=2), timedelta(days=1))
    assert chosen([old, OURS.issuing], KEY, "ward-a", OURS.root)[0] == old


@pytest.mark.parametrize(
    ("made", "key", "name", "root", "said"),
    [
        (OURS, new_key(), "ward-a", OURS, "own key"),
        (OURS, KEY, "ward-b", OURS, "certificate of 'ward-a', got one of 'ward-b'"),
        (OTHER, KEY, "ward-a", OURS, "under the pinned root"),
    ],
)
def test_one_that_is_not_ours_is_refused(
    made: Authority, key: object, name: str, root: Authority, said: str
) -> None:
    given = made.client(name, KEY.public_key(), now(), LIFE)
    with pytest.raises(IdentityError, match=said):
        chosen([given, made.issuing], key, "ward-a", root.root)  # type: ignore[arg-type]


def test_one_for_servers_is_refused() -> None:
    server = OURS.server(["ward-a"], KEY.public_key(), now(), LIFE)
    with pytest.raises(IdentityError, match="got one of ''"):
        chosen([server, OURS.issuing], KEY, "ward-a", OURS.root)
    with pytest.raises(IdentityError, match="for clients"):
        chosen([server, OURS.issuing], KEY, "", OURS.root)


def test_a_gateway_s_certificate_signs_no_other() -> None:
    """An enrolled gateway that gives itself certificates of others is what this prevents."""
    thief = new_key()
    held = OURS.client("ward-b", thief.public_key(), now(), LIFE)
    forged = Authority(OURS.root, held, thief).client("ward-a", KEY.public_key(), now(), LIFE)
    with pytest.raises(IdentityError, match="under the pinned root"):
        chosen([forged, held, OURS.issuing], KEY, "ward-a", OURS.root)

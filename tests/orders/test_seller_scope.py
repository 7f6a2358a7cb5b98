"""Which rows does a person see who is limited to some sellers?"""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.backoffice import seller_scope
from orders.models import Order
from tests.builders import limit, make_channel, make_order, make_seller, make_staff

pytestmark = pytest.mark.django_db


def seen(user: User) -> set[str]:
    rows = seller_scope.narrow(Order.objects.all(), user, "seller_id")
    return set(rows.values_list("reference", flat=True))


def again(user: User) -> User:
    """The same person, as the next request meets them."""
    return User.objects.get(pk=user.pk)


def test_who_is_limited_sees_the_rows_of_their_sellers_alone() -> None:
    north, south, west = (make_seller(code) for code in ("north", "south", "west"))
    for seller in (north, south, west):
        make_order(f"{seller.code}-1", seller=seller)
    anna = make_staff("anna")

    assert seller_scope.of(anna) is None
    assert seen(anna) == {"north-1", "south-1", "west-1"}
    limit(anna, north, south)
    anna = again(anna)
    assert seller_scope.of(anna) == frozenset((north.pk, south.pk))
    assert seen(anna) == {"north-1", "south-1"}
    assert set(seller_scope.sellers(anna)) == {north, south}


def test_superusers_are_not_limited_and_strangers_see_nothing() -> None:
    seller = make_seller("north")
    make_order("W-1", seller=seller)
    root = limit(make_staff("root", is_superuser=True), make_seller("south"))

    assert seller_scope.of(root) is None
    assert seen(root) == {"W-1"}
    assert seller_scope.of(AnonymousUser()) == frozenset()


def test_a_person_with_only_a_time_zone_is_not_limited() -> None:
    anna = limit(make_staff("anna"), time_zone="Asia/Tokyo")

    assert seller_scope.of(anna) is None
    assert seller_scope.zone(anna) == "Asia/Tokyo"


def test_the_channels_of_a_limited_person_are_those_of_their_orders() -> None:
    north, south = make_seller("north"), make_seller("south")
    shop, other, empty = make_channel("shop"), make_channel("other"), make_channel("empty")
    make_order("W-1", seller=north, channel=shop)
    make_order("W-2", seller=south, channel=other)

    assert set(seller_scope.channels(make_staff("bob"))) == {shop, other, empty}
    assert list(seller_scope.channels(limit(make_staff("anna"), north))) == [shop]


def test_asking_again_costs_nothing() -> None:
    anna = again(limit(make_staff("anna"), make_seller("north"), time_zone="Asia/Tokyo"))

    with CaptureQueriesContext(connection) as queries:
        first = seller_scope.of(anna)
        assert seller_scope.of(anna) == first
        assert seller_scope.zone(anna) == "Asia/Tokyo"

    assert len(queries) == 1

"""Which orders a person sees who asks for them by filters and search: one answer for the list and for exports."""

from collections.abc import Mapping

from django.contrib.auth.models import User

from orders.backoffice import lists, search, seller_scope
from orders.backoffice.lists import Rows, Searched
from orders.backoffice.order_filters import FILTERS
from orders.models import Order

RIGHT = "orders.view_order"


def search_orders(rows: Rows, text: str, user: User) -> Searched:
    """What a text leaves of these orders: first those that it names in full, then those that begin so."""
    found = search.search(text, sellers=seller_scope.of(user))
    sentence = f"Too many orders match “{text}”: only some were searched. Type more."
    return Searched(
        rows.filter(pk__in=found.beginning),
        rows.filter(pk__in=found.exactly) if found.exactly else None,
        sentence if found.more else "",
    )


def orders_of(person: User, asked: Mapping[str, str]) -> Rows | None:
    """The orders that a person asks for, as they may see them now; None when they may not see orders."""
    if not person.has_perm(RIGHT):
        return None
    rows: Rows = seller_scope.narrow(Order.objects.select_related("seller", "channel"), person, "seller_id")
    return lists.select(rows, FILTERS, asked, person, lambda rows, text: search_orders(rows, text, person)).all_rows()

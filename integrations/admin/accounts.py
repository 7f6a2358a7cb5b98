"""Which accounts and connections may a person choose among?"""

from typing import Any

from integrations.connections.models import Account, Connection
from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows


def accounts(user: Any) -> Rows:
    """The accounts of this person's sellers, with what their names need."""
    return seller_scope.narrow(Account.objects.select_related("seller", "connection"), user, "seller_id")


def connections(user: Any) -> Rows:
    """The connections of these."""
    return Connection.objects.filter(pk__in=accounts(user).values("connection"))

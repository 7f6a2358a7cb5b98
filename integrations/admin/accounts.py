"""Which ProSKU sellers, and which connectors, may a person choose among?"""

from typing import Any

from integrations.models import ProSkuConnector, ProSkuSeller
from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows


def accounts(user: Any) -> Rows:
    """The ProSKU sellers of this person's sellers, with what their names need."""
    return seller_scope.narrow(ProSkuSeller.objects.select_related("seller", "connector"), user, "seller_id")


def connectors(user: Any) -> Rows:
    """The connectors of these."""
    return ProSkuConnector.objects.filter(pk__in=accounts(user).values("connector"))

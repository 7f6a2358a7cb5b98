"""What may other systems do with refunds? Read them, and propose some: deciding is for people."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from integrations.api import bodies
from integrations.api.models import Scope
from integrations.api.writing import WriteRefused, Writing
from orders import money
from orders.api.read_views import sellers_of
from orders.models import Order, OrderItem
from refunds.api import RefundReading, RefundSerializer
from refunds.proposals.manual import propose_for
from refunds.proposals.refund_request import RefundRequest


class RefundViewSet(Writing, RefundReading):
    """Refunds with their items and attempts."""

    scopes = {"create": Scope.REFUNDS_PROPOSE.value}
    takes = {"create": bodies.RefundBody}
    answers = {"create": {201: RefundSerializer}}

    def create(self, request: Request) -> HttpResponse:
        """Propose a refund. It moves no money: people look at it and decide."""

        def act(payload: Any) -> tuple[int, str]:
            body = self.body(payload)
            order = self._orders().filter(pk=body["order_id"]).first()
            if order is None:
                raise WriteRefused({"order_id": ["No order has this id."]})
            units, amounts = _spread(order, body.get("items", []))
            wish = RefundRequest(body["kind"], body["scope"], units, amounts, body["shipping"])
            reason, note = body["reason"], body["note"]
            refund = propose_for(order.pk, actor=self.actor, behind=self.behind, wish=wish, reason=reason, note=note)
            return 201, self.written([refund.pk])[0]

        return self.once(request, act)

    def _orders(self) -> QuerySet[Order]:
        sellers = sellers_of(self.request)
        return Order.objects.filter(seller__in=sellers) if sellers else Order.objects.all()


def _spread(order: Order, lines: list[dict[str, Any]]) -> tuple[dict[int, int], dict[int, int]]:
    """Units and amounts by item id. Units of a SKU that stands on several lines fill these one after the other."""
    units: dict[int, int] = {}
    amounts: dict[int, int] = {}
    for n, line in enumerate(lines):
        items = list(order.items.filter(sku=line["sku"]).order_by("position"))
        if not items:
            raise WriteRefused({f"items[{n}].sku": ["The order has no such item."]})
        if ("quantity" in line) == ("amount" in line):
            raise WriteRefused({f"items[{n}]": ["Send a quantity or an amount, and not both."]})
        if "quantity" in line:
            _fill(items, line["quantity"], units)
            continue
        try:
            amount = money.parse(line["amount"], order.currency)
        except money.BadAmount as bad:
            raise WriteRefused({f"items[{n}].amount": [str(bad)]}) from None
        amounts[items[0].pk] = amounts.get(items[0].pk, 0) + amount
    return units, amounts


def _fill(items: list[OrderItem], wanted: int, units: dict[int, int]) -> None:
    for item in items[:-1]:
        taken = min(wanted, item.quantity - units.get(item.pk, 0))
        units[item.pk] = units.get(item.pk, 0) + taken
        wanted -= taken
    # What is too much shows at the last line, where it is refused.
    units[items[-1].pk] = units.get(items[-1].pk, 0) + wanted

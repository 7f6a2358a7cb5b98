"""What may other systems do with orders?"""

import json
from typing import Any

from django.http import Http404, HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from integrations.api import bodies
from integrations.api.models import Scope
from integrations.api.writing import WriteRefused, Writing
from orders.actions.edit import FIXED, change
from orders.actions.registry import VERBS
from orders.actions.verb import Call, Endpoint, Verb
from orders.api.read_views import sellers_of
from orders.documents import Document, Fault, Faulty, check
from orders.intake.upsert import IntakeResult, Outcome, upsert_orders
from orders.models import Order, Seller
from refunds.api import OrderSerializer, RefundedOrderReading
from refunds.proposals.cancel import cancel

_WRITE = Scope.ORDERS_WRITE


class OrderActions(Writing, RefundedOrderReading):
    """The actions of the registry that other systems may take, each a POST below its order."""

    def perform_verb(self, request: Request, pk: int, verb: Verb) -> HttpResponse:
        """Take an action on an order and answer with the order as it is then."""
        status = verb.endpoint.status if verb.endpoint else 200

        def act(payload: Any) -> tuple[int, str]:
            order = self._order(pk)
            verb.perform(Call(order, self.body(payload), self.actor))
            return status, self.written([order.pk])[0]

        return self.once(request, act)

    def _order(self, pk: int) -> Order:
        order = self.get_queryset().filter(pk=pk).first()
        if order is None:
            raise Http404
        return order


def _offer(verb: Verb, endpoint: Endpoint) -> None:
    def view(self: OrderActions, request: Request, pk: int) -> HttpResponse:
        return self.perform_verb(request, pk, verb)

    view.__name__, view.__doc__ = verb.name, verb.describes
    setattr(OrderActions, verb.name, action(detail=True, methods=["post"], url_path=endpoint.path)(view))


OFFERED = {verb.name: verb for verb in VERBS if verb.endpoint}
for _verb in OFFERED.values():
    if _verb.endpoint:
        _offer(_verb, _verb.endpoint)


class OrderViewSet(OrderActions):
    """Orders with their items and shipments."""

    scopes = dict.fromkeys(("create", "batch", "partial_update", "cancel", *OFFERED), _WRITE.value)
    takes = {
        "create": bodies.OrderBody,
        "batch": bodies.BatchBody,
        "partial_update": bodies.OrderChange,
        "cancel": bodies.WhyBody,
        **{name: bodies.body_of(verb.params) for name, verb in OFFERED.items()},
    }
    answers = {
        "create": {200: OrderSerializer, 201: OrderSerializer},
        "batch": {200: bodies.BatchSerializer},
        "partial_update": {200: OrderSerializer},
        "cancel": {200: bodies.CancelledSerializer},
        **{name: {verb.endpoint.status: OrderSerializer} for name, verb in OFFERED.items() if verb.endpoint},
    }

    def create(self, request: Request) -> HttpResponse:
        """Take in an order: 201 when it is new, 200 when it was here and is now as sent, or was so before.

        An order is known by seller, channel and reference. What can no longer change is refused by field.
        """

        def act(payload: Any) -> tuple[int, str]:
            try:
                document = check(payload)
            except Faulty as faulty:
                raise _refused(faulty.faults) from None
            taken = self._take_in([document])[0]
            if taken.order_id is None or taken.outcome == Outcome.REFUSED:
                raise _refused(taken.faults)
            return 201 if taken.outcome == Outcome.CREATED else 200, self.written([taken.order_id])[0]

        return self.once(request, act)

    @action(detail=False, methods=["post"])
    def batch(self, request: Request) -> HttpResponse:
        """Take in up to 1,000 orders; one that is refused harms no other."""

        def act(payload: Any) -> tuple[int, str]:
            sent = payload.get("orders") if isinstance(payload, dict) and set(payload) == {"orders"} else None
            if not isinstance(sent, list) or not 1 <= len(sent) <= bodies.MOST_ORDERS:
                raise WriteRefused({"orders": [f"Send an object with a list of 1 to {bodies.MOST_ORDERS:,} orders."]})
            return 200, json.dumps({"results": self._batch(sent)})

        return self.once(request, act)

    def partial_update(self, request: Request, pk: int) -> HttpResponse:
        """Change the fields that are sent, and no others.

        Of customer, addresses and payment only the keys that are sent change, and null empties one. Items,
        discounts and payments are sent as whole lists.
        """

        def act(payload: Any) -> tuple[int, str]:
            order = self._order(pk)
            if not isinstance(payload, dict):
                raise WriteRefused({"body": ["Send an object with the fields that are to change."]})
            fixed = {name: ["It says which order this is, and never changes."] for name in FIXED if name in payload}
            if fixed:
                raise WriteRefused(fixed)
            try:
                taken = change(order.pk, payload, actor=self.actor)
            except Faulty as faulty:
                raise _refused(faulty.faults) from None
            if taken.outcome == Outcome.REFUSED:
                raise _refused(taken.faults)
            return 200, self.written([order.pk])[0]

        return self.once(request, act)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> HttpResponse:
        """Cancel what has not shipped: the order is held, and the refund proposed for people to decide on.

        The warehouse has the last word: units that it ships after all are not refunded.
        """

        def act(payload: Any) -> tuple[int, str]:
            order = self._order(pk)
            refund = cancel(order.pk, why=self.body(payload)["why"], actor=self.actor, behind=self.behind)
            number = json.dumps(refund.number if refund else None)
            return 200, f'{{"order":{self.written([order.pk])[0]},"refund":{number}}}'

        return self.once(request, act)

    def _batch(self, sent: list[Any]) -> list[dict[str, Any]]:
        checked: list[Document | IntakeResult] = []
        for raw in sent:
            try:
                checked.append(check(raw))
            except Faulty as faulty:
                checked.append(IntakeResult(Outcome.REFUSED, faults=faulty.faults))
        taken = iter(self._take_in([one for one in checked if isinstance(one, Document)]))
        return [
            _told(raw, next(taken) if isinstance(one, Document) else one)
            for raw, one in zip(sent, checked, strict=True)
        ]

    def _take_in(self, documents: list[Document]) -> list[IntakeResult]:
        """Take in those of sellers that the key may see; to it, the others are not known."""
        allowed = sellers_of(self.request)
        if not allowed:
            return upsert_orders(documents, actor=self.actor)
        codes = set(Seller.objects.filter(pk__in=allowed).values_list("code", flat=True))
        taken = iter(upsert_orders([one for one in documents if one.seller in codes], actor=self.actor))
        return [
            next(taken)
            if one.seller in codes
            else IntakeResult(Outcome.REFUSED, faults=(Fault("seller", f"seller {one.seller} is not known here"),))
            for one in documents
        ]


def _refused(faults: tuple[Fault, ...]) -> WriteRefused:
    by_field: dict[str, list[str]] = {}
    for fault in faults:
        by_field.setdefault(fault.field or "body", []).append(fault.message)
    return WriteRefused(by_field)


def _told(raw: Any, taken: IntakeResult) -> dict[str, Any]:
    reference = raw.get("reference") if isinstance(raw, dict) else None
    return {
        "reference": reference[:80] if isinstance(reference, str) else None,
        "outcome": taken.outcome.value,
        "order_id": taken.order_id,
        "errors": [{"field": fault.field, "detail": fault.message} for fault in taken.faults],
    }

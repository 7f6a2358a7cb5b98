"""What may other systems do with webhooks? Keep endpoints, see what was sent, test, and send again."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from integrations import schedules
from integrations.api import bodies
from integrations.api.models import Scope
from integrations.api.writing import WriteRefused, Writing
from integrations.webhooks import endpoints
from integrations.webhooks.endpoints import EndpointSpec
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from integrations.webhooks.serializers import (
    DeliveryFilters,
    DeliverySerializer,
    EndpointBody,
    EndpointChange,
    EndpointFilters,
    EndpointSerializer,
    ResentSerializer,
    SecretSerializer,
    SinceBody,
)
from orders.api import sql
from orders.api.read_views import Reading, sellers_of
from orders.models import Seller
from orders.timeline import audit


class EndpointViewSet(Writing, Reading[WebhookEndpoint]):
    """Webhook endpoints. A key of certain sellers sees those that receive events of these sellers only."""

    queryset = WebhookEndpoint.objects.all()
    serializer_class = EndpointSerializer
    filterset_class = EndpointFilters
    scope = Scope.WEBHOOKS_MANAGE.value
    takes = {
        "create": EndpointBody,
        "partial_update": EndpointChange,
        "destroy": bodies.NothingBody,
        "rotate": bodies.NothingBody,
        "test": bodies.NothingBody,
        "resend": SinceBody,
    }
    answers = {
        "create": {201: SecretSerializer},
        "partial_update": {200: EndpointSerializer},
        "destroy": {204: None},
        "rotate": {200: SecretSerializer},
        "test": {201: DeliverySerializer},
        "resend": {200: ResentSerializer},
    }

    _unfit: endpoints.EndpointRefused | None = None

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        return visible(self.request)

    def written(self, ids: Sequence[int], chosen: sql.Chosen = sql.ALL) -> list[str]:
        # There are few of them, and their sellers are beyond what the database writes by itself.
        rows = WebhookEndpoint.objects.prefetch_related("sellers").in_bulk(ids)
        return [JSONRenderer().render(_part(self.get_serializer(rows[pk]).data, chosen.only)).decode() for pk in ids]

    def create(self, request: Request) -> HttpResponse:
        """Make an endpoint. Its secret stands in this answer and never again."""
        return self._with_secret(request, 201, self._made, self._look_up)

    def partial_update(self, request: Request, pk: int) -> HttpResponse:
        """Change what an endpoint hears and where, or switch it on and off."""

        def act(payload: Any) -> tuple[int, str]:
            row, body = self._found(pk, lock=True), self.body(payload)
            active = body.pop("active", None)
            before = _settings(row)
            if body:
                now = {"name": row.name, "url": row.url, "kinds": row.kinds}
                codes = None if row.every_seller else [seller.code for seller in row.sellers.all()]
                spec = self._spec({"sellers": codes, **now, **body})
                endpoints.change(row, spec, looked_up=self._judged(spec))
            if active:
                _begin_soon()
            if active is not None:
                endpoints.switch_on(row) if active else endpoints.switch_off(row, why="Disabled through the API.")
            self._record(row, f"Changed. {audit.changes(before, _settings(self._found(pk))) or 'Nothing'}")
            return 200, self.written([pk])[0]

        return self.once(request, act, self._look_up)

    def destroy(self, request: Request, pk: int) -> HttpResponse:
        """Remove an endpoint with everything that was sent to it."""

        def act(payload: Any) -> tuple[int, str]:
            row = self._found(pk)
            self._record(row, f"Deleted. {audit.changes({}, _settings(row))}")
            endpoints.remove(row)
            return 204, ""

        return self.once(request, act)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: int) -> HttpResponse:
        """Generate new secret. The one before signs beside it for 24 hours."""

        def act(payload: Any) -> tuple[WebhookEndpoint, str]:
            row = self._found(pk)
            self._record(row, "Generated a new secret")
            return row, endpoints.rotate(row)

        return self._with_secret(request, 200, act)

    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: int) -> HttpResponse:
        """Send a message that means nothing, at once."""

        def act(payload: Any) -> tuple[int, str]:
            row = self._found(pk)
            delivery = endpoints.test(row)
            self._record(row, "Sent a test")
            return 201, sql.render(DeliverySerializer, WebhookDelivery, [delivery.pk])[0]

        return self.once(request, act)

    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> HttpResponse:
        """Send everything again that was recorded since a moment, also what the endpoint missed while it was off."""

        def act(payload: Any) -> tuple[int, str]:
            row, since = self._found(pk), self.body(payload)["since"]
            many = endpoints.resend_since(row, since)
            self._record(row, f"Sent {many} deliveries again, since {since:%Y-%m-%d %H:%M} UTC")
            return 200, json.dumps({"messages": many})

        return self.once(request, act)

    def _made(self, payload: Any) -> tuple[WebhookEndpoint, str]:
        spec = self._spec(self.body(payload))
        _begin_soon()
        row, secret = endpoints.create(spec, looked_up=self._judged(spec))
        self._record(row, f"Created. {audit.changes({}, _settings(row))}")
        return row, secret

    def _record(self, row: WebhookEndpoint, act: str) -> None:
        audit.record(self.actor, act, about=f"webhook endpoint {row.name}")

    def _look_up(self, payload: Any) -> None:
        """Look the address up before anything is locked."""
        url = payload.get("url") if isinstance(payload, dict) else None
        if isinstance(url, str):
            try:
                endpoints.look_up(url)
            except endpoints.EndpointRefused as refused:
                self._unfit = refused

    def _judged(self, spec: EndpointSpec) -> bool:
        """Refuse an address that was found unfit; True, because there is nothing more to look up."""
        if self._unfit:
            raise self._unfit
        return True

    def _with_secret(
        self, request: Request, status: int, make: Any, before: Callable[[Any], None] | None = None
    ) -> HttpResponse:
        """Answer with the secret, and store the answer without it."""
        shown: dict[str, Any] = {}

        def act(payload: Any) -> tuple[int, str]:
            row, secret = make(payload)
            body = {**json.loads(self.written([row.pk])[0]), "secret": None}
            shown.update(body, secret=secret)
            return status, json.dumps(body)

        response = self.once(request, act, before)
        if shown and response.status_code == status:
            response.content = json.dumps(shown).encode()
        return response

    def _found(self, pk: int, *, lock: bool = False) -> WebhookEndpoint:
        rows = self.get_queryset().filter(pk=pk)
        # What a body leaves out stays as the last change left it.
        row = (rows.select_for_update(no_key=True) if lock else rows).first()
        if row is None:
            raise Http404
        return row

    def _spec(self, fields: dict[str, Any]) -> EndpointSpec:
        mine = sellers_of(self.request)
        known = Seller.objects.filter(pk__in=mine) if mine else Seller.objects.all()
        codes = fields.get("sellers")
        if codes is None:
            return EndpointSpec(fields["name"], fields["url"], fields["kinds"], list(known) if mine else None)
        sellers = {seller.code: seller for seller in known.filter(code__in=codes)}
        if missing := [code for code in codes if code not in sellers]:
            raise WriteRefused({"sellers": [f"No seller has the code {missing[0]!r}."]})
        return EndpointSpec(fields["name"], fields["url"], fields["kinds"], list(sellers.values()))


class DeliveryViewSet(Writing, Reading[WebhookDelivery]):
    """What was sent to webhook endpoints, with every try and its answer."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilters
    scope = Scope.WEBHOOKS_MANAGE.value
    takes = {"resend": bodies.NothingBody}
    answers = {"resend": {200: DeliverySerializer}}

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        return WebhookDelivery.objects.filter(endpoint__in=visible(self.request))

    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> HttpResponse:
        """Send one message again at once, under the same `webhook-id`."""

        def act(payload: Any) -> tuple[int, str]:
            delivery = self.get_queryset().select_related("endpoint").filter(pk=pk).first()
            if delivery is None:
                raise Http404
            endpoints.resend(delivery)
            audit.record(self.actor, f"Sent delivery {pk} again", about=f"webhook endpoint {delivery.endpoint.name}")
            return 200, self.written([pk])[0]

        return self.once(request, act)


def visible(request: Request) -> QuerySet[WebhookEndpoint]:
    """The endpoints that the request's key may see."""
    rows = WebhookEndpoint.objects.all()
    if not (mine := sellers_of(request)):
        return rows
    others = WebhookEndpoint.sellers.through.objects.exclude(seller_id__in=mine)
    return rows.filter(every_seller=False).exclude(pk__in=others.values("webhookendpoint_id"))


def _settings(row: WebhookEndpoint) -> dict[str, Any]:
    """What may be changed about an endpoint, as the record says it."""
    sellers = "every seller" if row.every_seller else sorted(seller.code for seller in row.sellers.all())
    return {"name": row.name, "url": row.url, "events": row.kinds, "sellers": sellers, "active": row.active}


def _begin_soon() -> None:
    """Nobody delivers as long as no endpoint is on, so the first one would wait for the clock."""
    transaction.on_commit(lambda: schedules.trigger_soon("deliver webhooks"), robust=True)


def _part(row: Any, only: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not only or name in only}

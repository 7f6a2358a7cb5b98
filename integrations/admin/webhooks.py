"""Who receives our events, how do the endpoints do, and what exactly was sent and answered?"""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from integrations import schedules
from integrations.admin.endpoint_form import EndpointForm
from integrations.webhooks import endpoints
from integrations.webhooks.endpoints import EndpointRefused
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.backoffice.lists import Rows, by_field, by_row
from orders.backoffice.pages import Button, Page, View, form_values
from orders.errors import ActionRefused
from orders.templatetags import formatting

SHOWN = 20
CHANGE = "integrations.change_webhookendpoint"


class SinceForm(forms.Form):
    """From when on everything is sent again."""

    since = forms.DateTimeField(
        label="Since",
        initial=lambda: (timezone.localtime() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class EndpointPage(Page):
    """One endpoint: its health, what was sent, and the acts on it. Its secret is shown once."""

    editable = True
    list_display = ("name", "health_shown", "address", "kinds_shown", "waiting", "delivered")
    numbers = ("waiting",)
    seller_path = None
    sort = ("id",)
    page_template = "admin/integrations/webhookendpoint/page.html"
    empty = "No webhook endpoints yet. Add one for each system that wants to receive events."
    buttons = (
        Button("test", "Send a test", CHANGE, lambda row, *_: _test(row), when=lambda row, _: row.active),
        Button(
            "resend",
            "Send again",
            CHANGE,
            lambda row, _, data: _since(row, data),
            lambda row, _: row.active,
            SinceForm,
            confirm=lambda row: (
                f"{row.name} is sent every subscribed event since then, including those it has already accepted."
            ),
        ),
        Button("on", "Enable", CHANGE, lambda row, *_: _on(row), lambda row, _: not row.active, tone="good"),
        Button(
            "off",
            "Disable",
            CHANGE,
            lambda row, user, _: _off(row, user),
            lambda row, _: row.active,
            tone="bad",
            confirm=lambda row: (
                f"Nothing more is sent to {row.name}. Waiting deliveries are kept until it is enabled again."
            ),
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        views = (("edit", self.edit_view), ("rotate", self.rotate_view))
        return [
            path(f"<int:row_id>/{name}/", self.admin_site.admin_view(view), name=f"integrations_webhookendpoint_{name}")
            for name, view in views
        ] + super().get_urls()

    def for_list(self, rows: Rows) -> Rows:
        waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state="pending").order_by().values("endpoint")
        many = waiting.annotate(many=Count("pk")).values("many")
        counted: Rows = rows.annotate(many=Subquery(many, output_field=IntegerField()))
        return counted

    def context(self, request: HttpRequest, row: WebhookEndpoint) -> dict[str, Any]:
        return {
            "health": health(row),
            "sellers": row.sellers.all(),
            "waiting": row.deliveries.filter(state="pending").count(),
            "failed": row.deliveries.filter(state="failed").count(),
            "spared": row.paused_until is not None and row.paused_until > timezone.now(),
            "rotates": row.previous_until is not None and row.previous_until > timezone.now(),
            "deliveries": list(row.deliveries.select_related("order").order_by("-id")[:SHOWN]),
            "may_change": request.user.has_perm(CHANGE),
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EndpointForm(request.POST or None, initial={"kinds": ["*"]})
        if request.method == "POST" and form.is_valid():
            try:
                row, secret = endpoints.create(form.spec())
            except EndpointRefused as refused:
                form.add_error(refused.field or None, str(refused))
            else:
                schedules.trigger_soon("deliver webhooks")
                self.log_addition(request, row, f"Webhook endpoint {row.name} created.")
                messages.success(request, f"Webhook endpoint {row.name} created.")
                return self._secret(request, row, secret)
        return self._form(request, "New webhook endpoint", form=form)

    def edit_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Change where an endpoint lies and what it hears."""
        row = self._changeable(request, row_id)
        form = EndpointForm(request.POST or None, initial=EndpointForm.about(row))
        if request.method == "POST" and form.is_valid():
            try:
                endpoints.look_up(form.spec().url)
                with transaction.atomic():
                    before = _stored(WebhookEndpoint.objects.select_for_update().get(pk=row.pk))
                    form_values.expect_fresh(request, before, row)
                    endpoints.change(row, form.spec(), looked_up=True)
                    changed = form_values.differences(before, _stored(WebhookEndpoint.objects.get(pk=row.pk)))
            except ActionRefused as refused:
                form.add_error(refused.field or None, str(refused))
            else:
                self.log_change(request, row, f"Changed. {'; '.join(changed) or 'Nothing'}")
                messages.success(request, f"Webhook endpoint {form.cleaned_data['name']} changed.")
                return HttpResponseRedirect(self.url_of(row))
        around = {"original": row, "row_url": self.url_of(row), "form": form}
        return self._form(
            request, f"Change {row.name}", **around, opened_with=form_values.opened_with(request, _stored(row))
        )

    def rotate_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Give the endpoint a new secret and show it, once."""
        row = self._changeable(request, row_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        secret = endpoints.rotate(row)
        self.log_change(request, row, f"Generated new secret for webhook endpoint {row.name}.")
        return self._secret(request, row, secret, "The previous secret stays valid for 24 hours: change over by then.")

    def _changeable(self, request: HttpRequest, row_id: int) -> WebhookEndpoint:
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        row: WebhookEndpoint = self._row(request, row_id)
        return row

    def _secret(self, request: HttpRequest, row: WebhookEndpoint, secret: str, more: str = "") -> HttpResponse:
        shown = {
            "secret": secret,
            "instruction": "Copy it now and pass it on securely: anyone who has it can sign messages as Hemi Intake.",
            "more": more,
            "next_url": self.url_of(row),
            "original": row,
            "row_url": self.url_of(row),
            "act": "Secret",
        }
        return self._answer(request, "admin/integrations/secret.html", f"Secret of {row.name}", **shown)

    def _form(self, request: HttpRequest, title: str, **shown: Any) -> HttpResponse:
        return self._answer(request, "admin/backoffice/form.html", title, broad=True, **shown)

    def _answer(self, request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "page": self}
        # The admin lets nobody keep its answers, so a secret stays in no cache.
        return TemplateResponse(request, template, frame | shown)

    @admin.display(description="Health")
    def health_shown(self, row: WebhookEndpoint) -> str:
        return formatting.state(*health(row))

    @admin.display(description="Address")
    def address(self, row: WebhookEndpoint) -> str:
        return format_html("<bdi>{}</bdi>", row.url)

    @admin.display(description="Events")
    def kinds_shown(self, row: WebhookEndpoint) -> str:
        more = f" and {len(row.kinds) - 3} more" if len(row.kinds) > 3 else ""
        return "everything" if "*" in row.kinds else ", ".join(row.kinds[:3]) + more

    @admin.display(description="Waiting")
    def waiting(self, row: Any) -> str:
        address = f"{reverse('admin:integrations_webhookdelivery_changelist')}?state=pending&endpoint={row.pk}"
        return format_html('<a class="d-link" href="{}">{}</a>', address, row.many) if row.many else "–"

    @admin.display(description="Last delivered")
    def delivered(self, row: WebhookEndpoint) -> str:
        return formatting.moment(row.delivered_at)


class DeliveryPage(Page):
    """One message to one endpoint, word for word, with every try and its answer."""

    list_display = ("delivery", "state_shown", "kind", "order", "endpoint", "attempts", "made", "next_try")
    numbers = ("attempts",)
    seller_path = None
    sort = ("-id",)
    page_template = "admin/integrations/webhookdelivery/page.html"
    views = (View("waiting", "Waiting", {"state": "pending"}), View("failed", "Failed", {"state": "failed"}))
    search_hint = "Order reference"
    empty = "No deliveries yet. Events of orders are sent to the endpoints that subscribe to them."
    filters = (
        by_field("state", "State", WebhookDelivery.State.choices),
        by_row("endpoint", "Endpoint", lambda _: WebhookEndpoint.objects.all()),
    )
    buttons = (
        Button("resend", "Send again", CHANGE, lambda row, *_: _again(row), when=lambda row, _: row.endpoint.active),
    )

    def search(self, rows: Rows, text: str) -> Rows:
        return rows.filter(order__reference=text)

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("endpoint", "order")

    def context(self, request: HttpRequest, row: WebhookDelivery) -> dict[str, Any]:
        sent = endpoints.message_of(row)
        return {"id": sent.id, "body": json.dumps(sent.message, indent=2), "tries": row.tries.order_by("-id")[:SHOWN]}

    @admin.display(description="Delivery")
    def delivery(self, row: WebhookDelivery) -> str:
        return str(row).capitalize()

    @admin.display(description="State")
    def state_shown(self, row: WebhookDelivery) -> str:
        return formatting.state(row.state, row.get_state_display())

    @admin.display(description="Attempts")
    def attempts(self, row: WebhookDelivery) -> str:
        return str(row.attempts)

    @admin.display(description="Created")
    def made(self, row: WebhookDelivery) -> str:
        return formatting.moment(row.created_at)

    @admin.display(description="Next try")
    def next_try(self, row: WebhookDelivery) -> str:
        return formatting.moment(row.next_attempt_at) if row.state == WebhookDelivery.State.PENDING else "–"


def _stored(row: WebhookEndpoint) -> form_values.Values:
    return {"": form_values.of_form(EndpointForm(initial=EndpointForm.about(row)))}


def health(row: WebhookEndpoint) -> tuple[str, str, str]:
    """How an endpoint does: a tone, a word, and what is to say about it."""
    if not row.active:
        return "failed", "Disabled", row.disabled_reason
    if row.failing_since:
        return (
            "in_doubt",
            "Failing",
            f"{row.failures} failed attempts in the last {formatting.ago(row.failing_since)}",
        )
    if row.delivered_at is None:
        return "pending", "Nothing sent yet", ""
    return "succeeded", "Healthy", ""


def _test(row: WebhookEndpoint) -> str:
    endpoints.test(row)
    return f"Sent a test event to {row.name}. The response appears below within seconds."


def _since(row: WebhookEndpoint, data: dict[str, Any]) -> str:
    return f"{endpoints.resend_since(row, data['since'])} deliveries are sent again."


def _on(row: WebhookEndpoint) -> str:
    on = endpoints.switch_on(row)
    schedules.trigger_soon("deliver webhooks")
    return f"Webhook endpoint {row.name} enabled." if on else f"Webhook endpoint {row.name} was already enabled."


def _off(row: WebhookEndpoint, user: User) -> str:
    done = endpoints.switch_off(row, why=f"Disabled by {user.get_username()}.")
    return f"Webhook endpoint {row.name} disabled." if done else f"Webhook endpoint {row.name} was already disabled."


def _again(row: WebhookDelivery) -> str:
    endpoints.resend(row)
    return "Delivery is sent again now."

"""How does a person propose a refund, or edit a proposal? Choose, look at the exact sums, then say so."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from orders import money
from orders.backoffice import seller_scope
from orders.errors import ActionRefused
from orders.models import Order, OrderItem
from orders.templatetags import formatting
from refunds import transitions
from refunds.admin.forms import MOST
from refunds.admin.request_forms import ByHandForm, EditForm
from refunds.calculation.refundable import Limits
from refunds.decisions import edit as editing
from refunds.models import UNDECIDED, Refund
from refunds.proposals.manual import left_of, preview, propose_by_hand
from refunds.rules.amounts import Sum

PROPOSE = "refunds.propose_refund"


class AsSeen(forms.Form):
    """What the preview showed: how many refunds the order had, or the proposal's version; and the amount."""

    seen_version = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput)
    seen_amount = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput)


class ByHand:
    """The two pages, as a part of the refunds' page in the admin."""

    def urls_by_hand(self: Any) -> list[URLPattern]:
        """Their addresses."""
        wrap = self.admin_site.admin_view
        return [
            path("of/<int:order_id>/new/", wrap(self.propose_view), name="refunds_refund_by_hand"),
            path("<int:row_id>/edit/", wrap(self.edit_view), name="refunds_refund_edit"),
        ]

    def propose_view(self: Any, request: HttpRequest, order_id: int) -> HttpResponse:
        """Choose what to refund of an order; then look; then propose."""
        _expect_right(self, request)
        orders = Order.objects.select_related("seller", "channel").filter(pk=order_id)
        order = seller_scope.narrow(orders, request.user, "seller_id").first()
        if order is None:
            raise Http404
        left, refunds = left_of(order.pk)
        choosing = request.method != "POST"
        form = ByHandForm(left, *(() if choosing else (request.POST,)), initial={"kind": _likely_kind(left)})
        total, leaves, seen = None, 0, AsSeen(request.POST) if "seen_amount" in request.POST else None
        if request.method == "POST" and form.is_valid():
            try:
                if seen is not None and seen.is_valid() and "change" not in request.POST:
                    on_screen = transitions.ExpectedVersion(
                        seen.cleaned_data["seen_version"], seen.cleaned_data["seen_amount"]
                    )
                    said = {"reason": form.cleaned_data["reason"], "note": form.cleaned_data["note"]}
                    user: Any = request.user
                    made = propose_by_hand(order.pk, by=user, wish=form.wish(), seen=on_screen, **said)
                    messages.success(
                        request, f"{made.number}: {formatting.money(made.amount, made.currency)} proposed."
                    )
                    return HttpResponseRedirect(reverse("admin:refunds_refund_change", args=[made.pk]))
                if "change" not in request.POST:
                    total, leaves = preview(order.pk, form.wish())
            except ActionRefused as refused:
                form.add_error(None, str(refused))
        shown = {
            "title": f"Refund of {order.reference}",
            "row": order,
            "left": left,
            "leaves": leaves,
            "digits": money.digits(order.currency),
            "back": reverse("admin:orders_order_change", args=[order.pk]),
            **_preview(total, form, refunds, {one.item.id: one.sku for one in left.items}),
        }
        return _page(self, request, "admin/refunds/refund/by_hand.html", shown)

    def edit_view(self: Any, request: HttpRequest, row_id: int) -> HttpResponse:
        """Choose what stays of a proposal; then look; then save."""
        _expect_right(self, request)
        refund: Refund = self._row(request, row_id)
        back = reverse("admin:refunds_refund_change", args=[refund.pk])
        if refund.status not in UNDECIDED:
            messages.error(request, f"{refund.number} cannot be edited: it is {refund.get_status_display().lower()}.")
            return HttpResponseRedirect(back)
        parts = editing.editable(refund)
        posted = (request.POST,) if request.method == "POST" else ()
        form = EditForm(refund, parts, *posted, initial={"version": refund.version, "amount": refund.amount})
        total = None
        if posted and form.is_valid() and "change" not in request.POST:
            try:
                if "sure" in request.POST:
                    seen = transitions.ExpectedVersion(form.cleaned_data["version"], form.cleaned_data["amount"])
                    user: Any = request.user
                    editing.edit(refund.pk, by=user, wish=form.wish(), why=form.cleaned_data["why"], seen=seen)
                    messages.success(request, f"{refund.number} is edited. Somebody else approves it.")
                    return HttpResponseRedirect(back)
                total = editing.preview(refund, form.wish())
            except ActionRefused as refused:
                form.add_error(None, str(refused))
        skus = {part.item.pk: part.item.sku for part in parts}
        shown = {"title": f"Edit {refund.number}", "row": refund, "back": back, **_preview(total, form, 0, skus)}
        return _page(self, request, "admin/refunds/refund/edit.html", shown)


def _expect_right(page: ModelAdmin[Any], request: HttpRequest) -> None:
    if not page.has_view_permission(request) or not request.user.has_perm(PROPOSE):
        raise PermissionDenied


def _likely_kind(left: Limits) -> str:
    shipped = any(one.shipped for one in left.items)
    return Refund.Kind.POST_SHIPMENT if shipped else Refund.Kind.PRE_SHIPMENT


def _preview(total: Sum | None, form: forms.Form, refunds: int, skus: dict[int, str]) -> dict[str, Any]:
    if total is None:
        return {"form": form, "total": None}
    for field in form.fields.values():
        field.widget = forms.HiddenInput()
    seen = AsSeen(initial={"seen_version": refunds, "seen_amount": total.amount})
    names = dict(OrderItem.objects.filter(pk__in=list(skus)).values_list("pk", "name"))
    said = [(skus[part.item_id], names[part.item_id], part) for part in total.parts]
    return {"form": form, "total": total, "said": said, "seen": seen}


def _page(page: Any, request: HttpRequest, template: str, shown: dict[str, Any]) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    whole = {**page.admin_site.each_context(request), "opts": page.opts, "page": page, **shown}
    return TemplateResponse(request, template, whole)

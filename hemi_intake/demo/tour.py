"""How does a newcomer to the demo find their way? (two minutes along one refund, until the person has had enough)"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from orders.backoffice import seller_scope
from orders.models import Person
from refunds.models import UNDECIDED, Refund, RefundStatus

_REFUND, _SEEN = "tour_refund", "tour_seen"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to look at or to do, and whether this person did."""

    title: str
    says: str
    url: str
    done: bool


@dataclass(frozen=True, slots=True)
class Tour:
    """The steps, and which one is next."""

    steps: list[Step]

    @property
    def done(self) -> int:
        """How many steps are behind."""
        return sum(step.done for step in self.steps)

    @property
    def following(self) -> Step | None:
        """The first step that is left."""
        return next((step for step in self.steps if not step.done), None)


def tour(request: HttpRequest) -> Tour | None:
    """The tour of somebody who has not had enough of it; None everywhere but in the demo."""
    if not settings.DEMO or Person.objects.filter(user=request.user.pk, tour_over=True).exists():
        return None
    refund = _refund(request)
    if refund is None:
        return None
    seen = request.session.get(_SEEN, [])
    steps = [
        (title, says, reverse("admin:tour_step", args=[number]), number in seen)
        for number, (title, says) in enumerate(_words(request.user, refund), start=1)  # type: ignore[arg-type]
    ]
    decided, paid = refund.status not in UNDECIDED, refund.status == RefundStatus.EXECUTED
    steps[1] = (*steps[1][:3], decided)
    steps[4] = (*steps[4][:3], paid and steps[4][3])
    return Tour([Step(*one) for one in steps])


@require_GET
def step_view(request: HttpRequest, number: int) -> HttpResponse:
    """Go where a step leads, and keep in mind that the person has been there."""
    refund = _refund(request) if settings.DEMO else None
    if refund is None:
        raise Http404
    places = {
        1: reverse("admin:integrations_archivedmessage_change", args=[refund.messages[-1]])
        if refund.messages
        else _order(refund),
        2: reverse("admin:refunds_refund_change", args=[refund.pk]),
        3: _order(refund),
        4: f"{_order(refund)}#timeline",
        5: reverse("admin:refunds_refund_change", args=[refund.pk]),
    }
    if number not in places:
        raise Http404
    request.session[_SEEN] = sorted({*request.session.get(_SEEN, []), number})
    return HttpResponseRedirect(places[number])


@require_POST
def over_view(request: HttpRequest) -> HttpResponse:
    """Never show it to this person again."""
    Person.objects.update_or_create(user=request.user, defaults={"tour_over": True})  # type: ignore[misc]
    return HttpResponseRedirect(reverse("admin:index"))


def _words(user: User, refund: Refund) -> tuple[tuple[str, str], ...]:
    decide = "Compare what was ordered with what was shipped, then approve it (key “a”) or reject it (key “r”)."
    if not user.has_perm("refunds.approve_refund"):
        decide = "An approver compares and decides here. Log in as approver to try it."
    return (
        ("What happened at the warehouse", "Read the message that says which units will never ship."),
        (f"Decide on refund {refund.number}", decide),
        ("View its order", "Each item's bar shows the fulfilment of every unit."),
        ("See the evidence", "Open “Raw message” on the timeline: what the warehouse reported, word for word."),
        ("See it paid", "A few seconds after approval the refund shows the payment provider's reference."),
    )


def _refund(request: HttpRequest) -> Refund | None:
    """The refund of this person's tour: the same one until they log out."""
    rows = seller_scope.narrow(Refund.objects.select_related("order"), request.user, "seller_id")
    chosen = rows.filter(pk=request.session.get(_REFUND, 0)).first()
    if chosen is None and request.user.has_perm("refunds.view_refund"):
        waiting = rows.filter(status=RefundStatus.PROPOSED, approvals_needed=1, provider="sandbox", amount__gt=0)
        chosen = waiting.order_by("-id").first()
        if chosen:
            request.session[_REFUND] = chosen.pk
    return chosen


def _order(refund: Refund) -> str:
    return reverse("admin:orders_order_change", args=[refund.order_id])

"""Does a form of refunds or orders break on a NUL, or on a number that no column holds? (answers below 500)"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from orders.models import Order
from refunds.models import Refund
from tests.builders import make_staff
from tests.refunds.people import approved, make_refund

pytestmark = pytest.mark.django_db
UNFIT = ("a\x00b", "9" * 30)


def forms(refund: Refund, paid_by_hand: Refund) -> Iterator[tuple[str, Iterable[str]]]:
    """The address of each form, with its fields."""
    units = f"units_{refund.items.get().item_id}"
    yield reverse("admin:refunds_refund_edit", args=[refund.pk]), ("why", "version", "amount", units)
    by_hand = reverse("admin:refunds_refund_by_hand", args=[refund.order_id])
    yield by_hand, ("note", "seen_version", "seen_amount", units)
    for act in ("approve", "reject"):
        yield reverse("admin:refunds_refund_bulk", args=[act]), ("why", "seen", "row")
    for model, row in ((Refund, refund), (Refund, paid_by_hand), (Order, refund.order)):
        page: Any = admin.site.get_model_admin(model)
        for button in page.buttons:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_do"
            yield reverse(name, args=[row.pk, button.name]), button.ask(row).fields


@pytest.mark.parametrize("unfit", UNFIT, ids=("NUL", "huge"))
def test_what_no_column_holds_is_answered_in_words_at_every_form(unfit: str) -> None:
    refund, by_hand = make_refund(reference="W-1"), approved(make_refund(reference="W-2"))
    client = Client(raise_request_exception=False)
    client.force_login(make_staff("root", is_superuser=True))
    units = f"units_{refund.items.get().item_id}"
    usual = {"version": 1, "amount": 2999, "seen_version": 1, "seen_amount": 2999, "why": "because", "reference": "R"}
    usual |= {"reason": "damaged", "kind": "pre_shipment", "scope": "part", "sure": "1", "confirmed": "R", units: 1}

    broken = []
    for address, fields in forms(refund, by_hand):
        for field in fields:
            with transaction.atomic():
                answer = client.post(address, {**usual, field: unfit})
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                broken.append((address, field))

    assert broken == []

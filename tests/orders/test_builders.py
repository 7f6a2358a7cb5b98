"""Do the builders build what the rest of the tests stand on?"""

import pytest

from tests.builders import PASSWORD, make_order, make_staff


@pytest.mark.django_db
def test_an_order_has_units_amounts_and_status_that_fit_together() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5999), ("CAP", 1, 0, 0)], shipping_charge=495, total_paid=6495)

    assert (order.ordered_units, order.outstanding_units, order.status) == (3, 3, "new")
    assert (order.total_paid, order.rounding) == (6495, 1)
    assert [(i.position, i.sku, i.unit_price, i.discount, i.paid, i.status) for i in order.items.all()] == [
        (1, "TEE", 3000, 1, 5999, "new"),
        (2, "CAP", 0, 0, 0, "new"),
    ]


@pytest.mark.django_db
def test_people_have_exactly_the_permissions_they_were_given() -> None:
    anna = make_staff("anna", permissions=["refunds.approve_refund"])

    assert anna.has_perm("refunds.approve_refund")
    assert not anna.has_perm("refunds.reject_refund")
    assert anna.check_password(PASSWORD)

"""What does each seller want of its refunds?"""

from orders.page import Page


class PolicyPage(Page):
    """One seller's policy."""

    editable = True
    sort = ("seller_id",)

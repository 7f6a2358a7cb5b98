"""What do staff see of refunds, and what may they decide? (registered by hemi_intake/admin.py, and here: policies)"""

from django.contrib import admin

from refunds.admin.cancel import CANCEL
from refunds.admin.policy import PolicyPage
from refunds.admin.queue import RefundPage
from refunds.admin.section import refunded_of, refunds_of_order
from refunds.models import RefundPolicy

__all__ = ["CANCEL", "RefundPage", "refunded_of", "refunds_of_order"]

admin.site.register(RefundPolicy, PolicyPage)

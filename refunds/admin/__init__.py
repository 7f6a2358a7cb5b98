"""What do staff see of refunds, and what may they decide? (most is registered by hemi_intake/admin.py)"""

from django.contrib import admin

from refunds.admin.bulk import BatchPage
from refunds.admin.cancel import CANCEL
from refunds.admin.move_shipped import MOVE_SHIPPED
from refunds.admin.outside import OutsidePage
from refunds.admin.policy import PolicyPage
from refunds.admin.queue import RefundPage
from refunds.admin.section import refunds_of_order
from refunds.models import Batch, OutsidePayment, RefundPolicy

__all__ = ["CANCEL", "MOVE_SHIPPED", "RefundPage", "refunds_of_order"]

admin.site.register(Batch, BatchPage)
admin.site.register(OutsidePayment, OutsidePage)
admin.site.register(RefundPolicy, PolicyPage)

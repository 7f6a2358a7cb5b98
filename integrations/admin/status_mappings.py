"""Which status here does each status of the warehouse map to?"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from integrations import schedules
from integrations.connections.models import StatusMapping
from integrations.warehouses.models import ArchivedMessage
from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows, by_field
from orders.backoffice.pages import SHARED, Page
from orders.fulfilment.messages import ReportedStatus
from orders.templatetags import formatting


class StatusMappingPage(Page):
    """A status of the warehouse and the status here that it maps to."""

    editable = True
    list_display = ("external_status", "status_shown", "detail", "waiting")
    numbers = ("waiting",)
    seller_path = SHARED
    # Unmapped ones come first.
    sort = ("status", "id")
    fields = ("kind", "external_status", "status", "detail", "waiting")
    readonly_fields = ("waiting",)
    filters = (by_field("status", "Maps to", [(word.value, word.value.replace("_", " ")) for word in ReportedStatus]),)
    empty = "No mappings yet. A warehouse status seen for the first time appears under Attention."

    def get_queryset(self, request: HttpRequest) -> Rows:
        parked = ArchivedMessage.objects.filter(
            state=ArchivedMessage.State.PARKED,
            account__connection__kind=OuterRef("kind"),
            external_status=OuterRef("external_status"),
        )
        many = (
            seller_scope.narrow(parked, request.user, "seller_id")
            .order_by()
            .values("external_status")
            .annotate(many=Count("pk"))
            .values("many")
        )
        rows: Rows = super().get_queryset(request).annotate(messages=Coalesce(Subquery(many), 0))
        return rows

    def save_model(self, request: HttpRequest, obj: StatusMapping, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.status:
            transaction.on_commit(lambda: schedules.trigger_soon("apply waiting messages"))

    @admin.display(description="Maps to")
    def status_shown(self, row: StatusMapping) -> str:
        return row.get_status_display() if row.status else formatting.state("parked", "Not mapped")

    @admin.display(description="Messages waiting")
    def waiting(self, row: Any) -> str:
        # A word that is being added has none yet.
        if not getattr(row, "messages", 0):
            return "–"
        asked = urlencode({"state": ArchivedMessage.State.PARKED.value, "q": row.external_status})
        address = reverse("admin:integrations_archivedmessage_changelist")
        return format_html('<a class="d-link" href="{}?{}">{}</a>', address, asked, row.messages)

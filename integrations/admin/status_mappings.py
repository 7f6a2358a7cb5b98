"""What does each status word of the warehouse mean here?"""

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
from integrations.models import ArchivedMessage, StatusWord
from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows, by_field
from orders.backoffice.pages import SHARED, Page
from orders.fulfilment.messages import ReportedStatus
from orders.templatetags import formatting


class StatusWordPage(Page):
    """What a status word of the warehouse means here."""

    editable = True
    list_display = ("word", "meaning_shown", "detail", "waiting")
    numbers = ("waiting",)
    seller_path = SHARED
    # Words that wait for a meaning stand first.
    sort = ("meaning", "id")
    fields = ("word", "meaning", "detail", "waiting")
    readonly_fields = ("waiting",)
    filters = (by_field("meaning", "Meaning", [(word.value, word.value.replace("_", " ")) for word in ReportedStatus]),)
    empty = "No words yet. A word that the warehouse uses for the first time appears under attention."

    def get_queryset(self, request: HttpRequest) -> Rows:
        parked = ArchivedMessage.objects.filter(state=ArchivedMessage.State.PARKED, word=OuterRef("word"))
        many = (
            seller_scope.narrow(parked, request.user, "seller_id")
            .order_by()
            .values("word")
            .annotate(many=Count("pk"))
            .values("many")
        )
        rows: Rows = super().get_queryset(request).annotate(messages=Coalesce(Subquery(many), 0))
        return rows

    def save_model(self, request: HttpRequest, obj: StatusWord, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.meaning:
            transaction.on_commit(lambda: schedules.trigger_soon("apply waiting messages"))

    @admin.display(description="Meaning")
    def meaning_shown(self, row: StatusWord) -> str:
        return row.get_meaning_display() if row.meaning else formatting.state("parked", "No meaning yet")

    @admin.display(description="Messages waiting")
    def waiting(self, row: Any) -> str:
        # A word that is being added has none yet.
        if not getattr(row, "messages", 0):
            return "–"
        asked = urlencode({"state": ArchivedMessage.State.PARKED.value, "q": row.word})
        address = reverse("admin:integrations_archivedmessage_changelist")
        return format_html('<a class="d-link" href="{}?{}">{}</a>', address, asked, row.messages)

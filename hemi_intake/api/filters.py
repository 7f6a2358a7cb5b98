"""Which query parameters does an endpoint take? Those that it names, each once; anything else is refused by name."""

from typing import Any

from django.db.models import Model, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from orders.api import fieldsets
from orders.api.paging import PARAMETERS


class NamedFilters(DjangoFilterBackend):  # type: ignore[misc]
    """The view's filters. One row by its id takes only what chooses its fields."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Model], view: APIView) -> Any:
        listing = not getattr(view, "detail", False)
        filters = view.filterset_class.base_filters if listing else {}  # type: ignore[attr-defined]
        known = {*filters, *(PARAMETERS if listing else ()), *fieldsets.parameters_of(view)}
        wrong = {}
        for name, values in request.query_params.lists():
            if name not in known:
                wrong[name] = f"Unknown. Known here: {', '.join(sorted(known))}."
            elif len(values) > 1:
                wrong[name] = "Given more than once."
            elif not values[0]:
                wrong[name] = "Given without a value."
        if wrong:
            raise ValidationError(wrong)
        # A filter set copies every filter first, which takes longer than finding the page.
        wanted = listing and any(name in filters for name in request.query_params)
        return super().filter_queryset(request, queryset, view) if wanted else queryset

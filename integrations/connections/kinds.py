"""Which kinds of warehouse systems are there? Those of WAREHOUSE_SYSTEMS, each named by the path of its class."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def kind_choices() -> list[tuple[str, str]]:
    """Each kind with its name for people."""
    return [(kind, system_class(kind).label) for kind in settings.WAREHOUSE_SYSTEMS]


def system_class(kind: str) -> Any:
    """The class that speaks to systems of this kind."""
    return import_string(settings.WAREHOUSE_SYSTEMS[kind])

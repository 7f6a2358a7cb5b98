"""What of this installation's set-up may be forgotten? Said by `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info

from refunds.gateway import gateway_for

DEMO_ONLY = frozenset({"sandbox"})


def providers(**_: Any) -> list[CheckMessage]:
    """Name the payment providers that are not set up: their refunds wait once they are approved."""
    return [
        Info(f"Refunds at {name} will wait: {missing}", id=f"hemi_intake.I001.{name}")
        for name in settings.REFUND_GATEWAYS
        if name not in DEMO_ONLY and (missing := gateway_for(name).missing())
    ]

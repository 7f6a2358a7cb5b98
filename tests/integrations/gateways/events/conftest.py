"""Which server stands behind the providers of these tests?"""

from tests.integrations.gateways.conftest import stripe_provider, stripe_server

__all__ = ["stripe_provider", "stripe_server"]

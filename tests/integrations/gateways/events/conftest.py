"""Which server stands behind the providers of these tests?"""

from tests.integrations.gateways.conftest import paypal_provider, paypal_server, stripe_provider, stripe_server

__all__ = ["paypal_provider", "paypal_server", "stripe_provider", "stripe_server"]

"""Which payment provider stands behind the refunds of these tests? (the real process, over HTTP)"""

from tests.integrations.gateways.conftest import payment_server_ready, sandbox

__all__ = ["payment_server_ready", "sandbox"]

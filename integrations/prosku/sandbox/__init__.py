"""What would ProSKU answer? A warehouse of our own, over real HTTP, that can also misbehave."""

from integrations.prosku.sandbox.server import Sandbox

__all__ = ["Sandbox"]

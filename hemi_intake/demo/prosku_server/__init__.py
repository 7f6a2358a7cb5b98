"""What would ProSKU answer? A warehouse of our own, over real HTTP, that can also misbehave."""

from hemi_intake.demo.prosku_server.server import Sandbox

__all__ = ["Sandbox"]

"""Propose, change and withdraw the refunds that follow from what the warehouse said."""

from refunds.propose.verb import Joining, propose

__all__ = ["Joining", "propose"]

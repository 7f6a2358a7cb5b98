"""Propose, change and withdraw the refunds that follow from what the warehouse said."""

from refunds.propose.verb import propose

__all__ = ["propose"]

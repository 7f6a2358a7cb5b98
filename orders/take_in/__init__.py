"""Take checked order documents in: the one way by which orders come into being and change."""

from orders.take_in.verb import Outcome, Taken, take_in

__all__ = ["Outcome", "Taken", "take_in"]

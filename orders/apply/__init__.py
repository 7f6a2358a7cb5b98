"""Record what a warehouse said of orders: the one way by which quantities and statuses ever change."""

from orders.apply.verb import Applied, apply, rederive

__all__ = ["Applied", "apply", "rederive"]

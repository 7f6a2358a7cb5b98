"""What needs a person now? (the landing page: a constant number of queries, each number a link to what it counts)"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from hemi_intake.going_live import visible_stops
from hemi_intake.overview import syncs, tiles
from hemi_intake.overview.last_days import Chart, last_days
from orders.backoffice import seller_scope
from orders.models import Order
from refunds import sending
from refunds.models import SendingSwitch


@dataclass(frozen=True, slots=True)
class Now:
    """What waits at this moment; `syncs` is None for those who may not see them."""

    urgent: list[tiles.Tile]
    under_way: list[tiles.Tile]
    calm: list[tiles.Tile]
    syncs: list[syncs.Health] | None
    orders: bool
    empty: bool
    not_live: str = ""
    stops: Sequence[SendingSwitch] = ()

    @property
    def something(self) -> bool:
        """Whether this person may see anything at all."""
        return self.orders or self.syncs is not None or bool(self.urgent or self.under_way or self.calm)


def now(user: User) -> Now:
    """What waits, as far as this person may see it: the most urgent first, what is empty aside."""
    found = tiles.tiles(user)
    orders = user.has_perm("orders.view_order")
    return Now(
        urgent=sorted((tile for tile in found if tile.count and tile.tone != "info"), key=lambda t: t.tone != "bad"),
        under_way=[tile for tile in found if tile.count and tile.tone == "info"],
        calm=[tile for tile in found if not tile.count],
        syncs=syncs.syncs(user) if user.has_perm("integrations.view_account") else None,
        orders=orders,
        not_live="" if sending.is_live() else sending.NOT_LIVE,
        stops=visible_stops(user),
        empty=orders and not seller_scope.narrow(Order.objects.all(), user, "seller_id").exists(),
    )


__all__ = ["Chart", "Now", "last_days", "now"]

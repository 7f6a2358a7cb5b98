"""How is a connector doing, at a glance?"""

from dataclasses import dataclass

from django.utils import timezone

from integrations import schedules
from integrations.models import ProSkuConnector, ProSkuSeller
from integrations.prosku import asking
from integrations.prosku.asking import Glance
from integrations.prosku.progress import in_words


@dataclass(frozen=True, slots=True)
class Seen:
    """One account's health in the words of the page."""

    glance: Glance
    tone: str
    lag: str
    skew: str


def around_seller(account: ProSkuSeller) -> Seen:
    """The account's health, lag and last runs."""
    return _seen(asking.glance(account, timezone.now()))


def around_connector(connector: ProSkuConnector) -> list[Seen]:
    """The health of every account of a connector."""
    accounts = list(connector.sellers.select_related("connector", "seller"))
    return [_seen(glance) for glance in asking.glances(accounts, timezone.now())]


def sync_now(account: ProSkuSeller) -> str:
    """Make it due, and wake the queue."""
    said = asking.sync_now(account)
    schedules.nudge("poll ProSKU")
    return said


def _seen(glance: Glance) -> Seen:
    skew = glance.account.clock_skew
    return Seen(
        glance,
        "on_hold" if glance.state == "off" else glance.state,
        "unknown" if glance.lag is None else f"{in_words(glance.lag)} ago",
        "unknown" if skew is None else f"{round(skew.total_seconds()):+d} s from ours",
    )

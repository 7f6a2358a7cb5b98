"""What does a seller's policy say of a refund? (pure; amounts in minor units)

Which causes earn a proposal, whether the shipping charge goes with it, and per currency who has to approve: limits
count per order and day. A seller without a policy of its own has `DEFAULT`. Of policies that are stored,
refunds/models/sql/approvals.sql says the same in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True, slots=True)
class Limit:
    """The amounts that matter in one currency; None switches a line off."""

    second_approver_above: int | None = None
    unattended_upto: int | None = None
    daily_ceiling: int | None = None

    def approvals(self, amount: int, given_today: int = 0) -> int:
        """How many different people must approve this amount, with what was approved of the same order today."""
        of_day = given_today + amount
        return 2 if self.second_approver_above is not None and of_day > self.second_approver_above else 1

    def unattended(self, amount: int, given_today: int = 0) -> bool:
        """Whether a proposal that the warehouse caused is approved without a person."""
        of_day = given_today + amount
        return self.unattended_upto is not None and of_day <= self.unattended_upto and self.approvals(of_day) == 1


CLOSED = Limit(second_approver_above=0)
"""What holds in a currency in which the seller has set no limits: two people, and nothing without a person."""


def raises(old: Limit | None, new: Limit | None) -> bool:
    """Whether a change of limits loosens anything: then a second person confirms it before it counts."""
    return any(after > before for before, after in zip(_loose(old), _loose(new), strict=True))


def stricter(old: Limit | None, new: Limit | None) -> Limit:
    """What one person may make of the old limits on the way to the new ones: of each amount the stricter."""
    one, other = old or CLOSED, new or CLOSED
    caps = [cap for cap in (one.daily_ceiling, other.daily_ceiling) if cap is not None]
    above = [amount for amount in (one.second_approver_above, other.second_approver_above) if amount is not None]
    upto = None
    if one.unattended_upto is not None and other.unattended_upto is not None:
        upto = min(one.unattended_upto, other.unattended_upto)
    return Limit(min(above, default=None), upto, min(caps, default=None))


def _loose(limit: Limit | None) -> tuple[float, float, float]:
    """How loose each amount is; without a limit or a cap nothing stops."""
    given = limit or CLOSED
    above, upto, cap = given.second_approver_above, given.unattended_upto, given.daily_ceiling
    return (inf if above is None else above, -1 if upto is None else upto, inf if cap is None else cap)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one seller wants. `overdue_after` is in days after the order was placed; None never."""

    propose_cancelled: bool = True
    propose_closed_short: bool = True
    overdue_after: int | None = None
    refund_shipping: bool = True
    limits: Mapping[str, Limit] = field(default_factory=dict)
    refund_services: bool = False

    def limit(self, currency: str) -> Limit:
        """The amounts that matter in this currency."""
        return self.limits.get(currency, CLOSED)


DEFAULT = Policy()

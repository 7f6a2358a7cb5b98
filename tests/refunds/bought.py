"""What does a pure test remember of an order item that is refunded step by step?"""

from dataclasses import dataclass, field

from hypothesis import settings

from refunds.rules.amounts import Held, Item, Part

MANY = settings(max_examples=20_000 if settings.get_current_profile_name() == "nightly" else 500)
"""So many examples of what needs no database."""


@dataclass
class Bought:
    """An order item, and the refunds of it that were not given up."""

    quantity: int
    paid: int
    tax: int
    given: list[Part] = field(default_factory=list)

    @property
    def units_left(self) -> int:
        return self.quantity - sum(one.quantity for one in self.given)

    @property
    def amount_left(self) -> int:
        return self.paid - sum(one.amount for one in self.given)

    def item(self, number: int) -> Item:
        """The item as the rule sees it now."""
        units = sum(one.quantity for one in self.given)
        amount, tax = sum(one.amount for one in self.given), sum(one.tax for one in self.given)
        by_units = [one for one in self.given if one.quantity]
        held = Held(
            units=units,
            unshipped=units,
            amount=amount,
            tax=tax,
            amount_by_units=sum(one.amount for one in by_units),
            tax_by_units=sum(one.tax for one in by_units),
        )
        return Item(number, self.quantity, self.paid, self.tax, held)

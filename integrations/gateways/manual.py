"""How is a refund paid whose provider we cannot speak to? A person pays elsewhere and enters the reference."""

from typing import NoReturn

from refunds.gateway import RefundRequest


class CannotBeCalled(RuntimeError):
    """Our own mistake: a gateway whose refunds people pay was called."""


class ManualGateway:
    """Pays nothing: whoever sees `by_hand` leaves the refund to a person."""

    by_hand = True

    def missing(self) -> str:
        """A person needs nothing of us."""
        return ""

    def smallest_amount(self, currency: str) -> int:
        """A person can pay any amount."""
        return 1

    def refund(self, request: RefundRequest) -> NoReturn:
        """Always raises CannotBeCalled."""
        raise CannotBeCalled(f"{request.number} is paid by a person; no gateway can send it.")

    def find(self, request: RefundRequest) -> NoReturn:
        """Always raises CannotBeCalled."""
        raise CannotBeCalled(f"{request.number} is paid by a person; only that person knows.")

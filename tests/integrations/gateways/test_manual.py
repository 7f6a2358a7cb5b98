"""Does a gateway whose refunds people pay refuse to be called?"""

import pytest

from integrations.gateways.manual import CannotBeCalled, ManualGateway
from refunds.gateway import Gateway, RefundRequest

ASKED = RefundRequest("k-1", "WEB-1001-R1", "bank transfer", 1999, "GBP", "Out of stock")


def test_a_refund_by_hand_is_never_sent_and_never_asked_for() -> None:
    gateway: Gateway = ManualGateway()

    assert gateway.by_hand
    with pytest.raises(CannotBeCalled):
        gateway.refund(ASKED)
    with pytest.raises(CannotBeCalled):
        gateway.find(ASKED)

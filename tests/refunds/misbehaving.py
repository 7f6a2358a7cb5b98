"""How does a payment provider misbehave while workers are killed? Each way of the list, with and without key memory."""

from dataclasses import dataclass

from tests.integrations.gateways.provider import Sandbox
from tests.refunds.paying import pass_time
from tests.waiting import until

TIMEOUT_SECONDS = 1
"""How long the workers wait for an answer."""

Spoilt = tuple[str, str, float]
"""Which request, what is done wrong with it, and with how many seconds."""

WAYS: dict[str, tuple[Spoilt, ...]] = {
    "behaves": (),
    "answers late": (("refund", "late", 0.3),),
    "answers too late": (("refund", "late", 60),),
    "pays late": (("refund", "pay_late", 0.3),),
    "pays after we stopped waiting": (("refund", "pay_late", 1.5),),
    "500 before paying": (("refund", "error_before_paying", 0),),
    "500 after paying": (("refund", "error_after_paying", 0),),
    "closes before paying": (("refund", "close_before_paying", 0),),
    "closes after paying": (("refund", "close_after_paying", 0),),
    "answers nonsense": (("refund", "nonsense", 0),),
    "tells another amount": (("refund", "wrong_amount", 0),),
    "cannot be asked": (("refund", "close_after_paying", 0), ("find", "error", 0)),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave, once; the keys are ignored for good, and what is paid has no limit then."""

    way: str
    ignores_keys: bool

    def befall(self, sandbox: Sandbox) -> None:
        """From now on the provider is like this."""
        sandbox.behave()
        for on, do, seconds in WAYS[self.way]:
            sandbox.misbehave(do, on=on, seconds=seconds)
        if self.ignores_keys:
            sandbox.misbehave("ignore_keys", times=None)
            sandbox.misbehave("allow_overpay", times=None)


FAULTS = [Fault(way, ignores_keys) for way in WAYS for ignores_keys in (False, True)]


def not_met(sandbox: Sandbox) -> list[str]:
    """What should have gone wrong and has not."""
    return [switch["do"] for switch in sandbox.switches() if switch["times"]]


def time_passes(sandbox: Sandbox) -> None:
    """All leases and quiet times end. What the provider had begun is done by then: so long the quiet time is."""
    begun = any(switch["do"] == "pay_late" and switch["times"] == 0 for switch in sandbox.switches())
    until(lambda: not begun or sandbox.refunds(), "the refund that the provider has begun", every=0.05)
    pass_time()

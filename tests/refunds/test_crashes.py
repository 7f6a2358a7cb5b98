"""Is each refund paid exactly once whatever a worker is doing when it is killed? (`CRASH_RUNS=300` for the long run)"""

import logging
import os
import random
import uuid
from collections import Counter

import pytest

from refunds.models import Refund
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.killing import Workers, workers
from tests.refunds.misbehaving import FAULTS, TIMEOUT_SECONDS, Fault, not_met, time_passes
from tests.refunds.people import approved, make_refund, open_attention
from tests.refunds.racing import assert_the_rules_hold

pytestmark = pytest.mark.django_db(transaction=True)

log = logging.getLogger(__name__)
RUNS = int(os.environ.get("CRASH_RUNS", "0")) or len(FAULTS)
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
ENDED_BADLY = ("killed", "broken", "")
ROUNDS_ENOUGH = 8
"""Of a worker that nobody kills, for a refund to be swept, asked about and sent again."""


def payable(sandbox: Sandbox, run: int) -> Refund:
    sandbox.payment = f"crash-{uuid.uuid4()}"
    sandbox.pay(5998, "GBP")
    reference = f"W-{run}"
    return approved(make_refund(reference=reference, payment_provider="sandbox", payment_reference=sandbox.payment))


def dealt(chance: random.Random) -> list[Fault]:
    """One fault for each run, each as often as the others."""
    hands = [chance.sample(FAULTS, len(FAULTS)) for _ in range(-(-RUNS // len(FAULTS)))]
    return [fault for hand in hands for fault in hand][:RUNS]


def test_whenever_a_worker_is_killed_each_refund_is_paid_exactly_once(sandbox: Sandbox) -> None:
    chance, died, met = random.Random(SEED), Counter[str](), Counter[str]()  # noqa: S311 - no secret
    provider = {"PAYMENT_SANDBOX_URL": sandbox.url, "PAYMENT_SANDBOX_KEY": sandbox.key}
    with workers(**provider, PAYMENT_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS)) as team:
        payable(sandbox, 0)
        events, claimed, settled = map(int, team.round().split())
        for run, fault in enumerate(dealt(chance), start=1):
            refund, story = payable(sandbox, run), f"seed {SEED}, run {run}, {fault}"
            fault.befall(sandbox)
            for _ in range(chance.choice([1, 1, 2])):
                # Between claim and settle is where it matters most.
                span = chance.choice([(1, events), (claimed, settled), (claimed, settled)])
                if team.round(kill_at=chance.randint(*span)) == "killed":
                    died[Refund.objects.get(pk=refund.pk).status] += 1
                time_passes(sandbox)
            let_it_end(team, sandbox, refund, story)
            assert not_met(sandbox) == [], story
            assert [amount for _, amount, _ in sandbox.paid_back()] == [2999], story
            assert (refund.status, refund.attempts.filter(outcome="paid").count()) == ("executed", 1), story
            assert refund.provider_reference == sandbox.refunds()[0]["id"], story
            assert open_attention(refund.order) == [], story
            met[f"{fault.way}, {'ignores' if fault.ignores_keys else 'keeps'} keys"] += 1
    assert_the_rules_hold()
    log.info("%s runs, killed while the refund was %s; provider: %s; paid twice: 0", RUNS, dict(died), dict(met))
    assert len(met) == len(FAULTS)
    assert died["executing"] > RUNS // 3, died


def let_it_end(team: Workers, sandbox: Sandbox, refund: Refund, story: str) -> None:
    """Nobody is killed any more: the claim that died is swept, asked about, and sent if need be. Never silently."""
    for _ in range(ROUNDS_ENOUGH):
        assert team.round() not in ENDED_BADLY, story
        stuck = Refund.objects.filter(status="in_doubt").exclude(
            order__attention__kind="refund_in_doubt", order__attention__closed_at=None
        )
        assert not stuck.exists(), story
        time_passes(sandbox)
        refund.refresh_from_db()
        if refund.status == "executed":
            break
    # One round more: what is settled stays settled.
    assert team.round() not in ENDED_BADLY, story

"""Is each refund paid exactly once whatever a worker is doing when it is killed? (`CRASH_RUNS=300` for the long run)"""

import logging
import os
import random
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from refunds.models import Refund
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.misbehaving import FAULTS, TIMEOUT_SECONDS, Fault, not_met, time_passes
from tests.refunds.people import approved, make_refund, open_attention
from tests.refunds.racing import assert_the_rules_hold

pytestmark = pytest.mark.django_db(transaction=True)

log = logging.getLogger(__name__)
RUNS = int(os.environ.get("CRASH_RUNS", "0")) or len(FAULTS)
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
ROOT = Path(__file__).resolve().parents[2]
ENDED_BADLY = ("killed", "broken", "")
ROUNDS_ENOUGH = 8
"""Of a worker that nobody kills, for a refund to be swept, asked about and sent again."""


class Workers:
    """The process that forks workers, and what it answers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def round(self, *, kill_at: int = 0) -> str:
        """Let one worker do its work, or die at this event."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kill_at}\n")
        self.process.stdin.flush()
        return self.said()

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def workers(sandbox: Sandbox) -> Iterator[Workers]:
    database = connection.settings_dict
    environment = {
        **os.environ,
        "HEMI_ENV": "dev",
        "DJANGO_SETTINGS_MODULE": "hemi_intake.settings",
        "DATABASE_URL": f"postgresql:///{database['NAME']}?host={quote(str(database['HOST']))}&user={database['USER']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "PAYMENT_SANDBOX_URL": sandbox.url,
        "PAYMENT_SANDBOX_KEY": sandbox.key,
        "PAYMENT_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
    }
    command = [sys.executable, "-m", "tests.refunds.crashing_worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            made = Workers(process)
            assert made.said() == "ready"
            yield made
        finally:
            process.terminate()


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
    with workers(sandbox) as team:
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

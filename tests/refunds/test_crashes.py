"""Is each refund paid exactly once whatever a worker is doing when it is killed? (`CRASH_RUNS=300` for the long run)"""

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
from tests.refunds.paying import pass_time
from tests.refunds.people import approved, make_refund, open_attention
from tests.refunds.racing import assert_the_rules_hold

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = int(os.environ.get("CRASH_RUNS", "30"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
ROOT = Path(__file__).resolve().parents[2]
FAULTS = [None, None, None, "close_after_paying", "error_after_paying", "close_before_paying", "nonsense"]


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
        "PAYMENT_TIMEOUT_SECONDS": "5",
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


def test_whenever_a_worker_is_killed_each_refund_is_paid_exactly_once(sandbox: Sandbox) -> None:
    chance, died = random.Random(SEED), Counter[str]()  # noqa: S311 - no secret
    with workers(sandbox) as team:
        payable(sandbox, 0)
        events = int(team.round())
        for run in range(1, RUNS + 1):
            refund, fault = payable(sandbox, run), chance.choice(FAULTS)
            story = f"seed {SEED}, run {run}, {fault}"
            sandbox.behave()
            if fault is not None:
                sandbox.misbehave(fault)
            for _ in range(chance.choice([1, 1, 2])):
                if team.round(kill_at=chance.randrange(1, events)) == "killed":
                    died[Refund.objects.get(pk=refund.pk).status] += 1
                pass_time()
            # From here on nobody is killed any more; the claim that died is swept, asked about, and sent if need be.
            for _ in range(3):
                assert team.round().isdigit(), story
                stuck = Refund.objects.filter(status="in_doubt").exclude(
                    order__attention__kind="refund_in_doubt", order__attention__closed_at=None
                )
                assert not stuck.exists(), story
                pass_time()
            refund.refresh_from_db()
            assert [amount for _, amount, _ in sandbox.paid_back()] == [2999], story
            assert (refund.status, refund.attempts.filter(outcome="paid").count()) == ("executed", 1), story
            assert refund.provider_reference == sandbox.refunds()[0]["id"], story
            assert open_attention(refund.order) == [], story
    assert_the_rules_hold()
    # Most were killed between claim and settle, which is where it matters.
    assert died["executing"] > RUNS // 3, died

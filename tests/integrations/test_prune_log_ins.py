"""Do log-ins, and names that somebody mistyped, go when nobody needs them any more?"""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from integrations.prune import prune_log_ins
from tests.builders import make_staff
from tests.records import unguarded

pytestmark = pytest.mark.django_db


def made(model: Any, username: str | None, days: int, **fields: Any) -> None:
    row = model.objects.create(username=username, **fields)
    with unguarded("axes_accesslog", "axes_accessfailurelog"):
        model.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - timedelta(days=days))


def names(model: Any) -> list[str]:
    return sorted(model.objects.values_list("username", flat=True))


def test_log_ins_stay_for_a_year_and_what_may_be_a_password_for_a_day() -> None:
    make_staff("anna")
    for days in (364, 366):
        made(AccessLog, "anna", days)
        made(AccessFailureLog, "anna", days)
    made(AccessFailureLog, "hunter2", 2)
    made(AccessFailureLog, None, 2)
    made(AccessFailureLog, "typed just now", 0)
    for name, days in (("anna", 0), ("old", 2)):
        made(AccessAttempt, name, days, failures_since_start=5)
    for key, hours in (("over", -1), ("live", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(hours=hours))

    assert prune_log_ins() == 6

    assert (names(AccessLog), names(AccessAttempt)) == (["anna"], ["anna"])
    assert names(AccessFailureLog) == ["anna", "typed just now"]
    assert Session.objects.get().session_key == "live"
    assert prune_log_ins() == 0

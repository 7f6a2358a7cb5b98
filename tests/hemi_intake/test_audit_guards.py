"""Does what people did stay on record, whoever writes SQL past the application?"""

from datetime import timedelta

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from refunds.models import RefundPolicy
from tests.builders import make_seller, make_staff
from tests.records import unguarded

pytestmark = pytest.mark.django_db
TRUNCATED = """
SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'never_truncated' ORDER BY 1
"""


def refused(statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def _records() -> None:
    anna = make_staff("anna")
    AccessLog.objects.create(username="anna", attempt_time=timezone.now())
    AccessFailureLog.objects.create(username="anna", attempt_time=timezone.now())
    LogEntry.objects.create(user=anna, object_repr="x", action_flag=2, change_message="limit raised")
    RefundPolicy.objects.get_or_create(seller=make_seller("lumen"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE axes_accesslog SET username = 'bert'",
        "DELETE FROM axes_accesslog",
        "UPDATE axes_accessfailurelog SET username = 'bert'",
        "DELETE FROM axes_accessfailurelog",
        "UPDATE django_admin_log SET change_message = ''",
        "DELETE FROM django_admin_log",
        "UPDATE refunds_historicalrefundpolicy SET history_user_id = NULL",
        "DELETE FROM refunds_historicalrefundpolicy",
        "DELETE FROM refunds_historicalrefundlimit",
        "DELETE FROM refunds_historicalreasonwords",
        "DELETE FROM refunds_outsidepayment",
        "DELETE FROM refunds_otherpayment",
        "DELETE FROM orders_export",
    ],
)
def test_a_record_is_never_changed_or_deleted(statement: str) -> None:
    refused(statement)


def test_a_log_in_gets_its_log_out_and_goes_after_a_year() -> None:
    AccessLog.objects.update(logout_time=timezone.now())

    with unguarded("axes_accesslog"):
        AccessLog.objects.update(attempt_time=timezone.now() - timedelta(days=366))

    assert AccessLog.objects.all().delete()[0] == 1


def test_no_record_is_emptied_at_one_stroke() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TRUNCATED)
        tables = [table for (table,) in cursor.fetchall()]
    assert len(tables) == 21

    for table in tables:
        with connection.cursor() as cursor:
            # Tests that hold no transaction are cleaned up by emptying tables, so it is switched off for them.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER never_truncated")
        refused(f"TRUNCATE {table} CASCADE")

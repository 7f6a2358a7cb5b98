"""The one switch: may anything leave this installation, for this seller, now?

Whatever acts outside asks here before it does: refunds, webhooks, shipping files that are moved. An installation sends
nothing until `manage.py go_live` was run on its database; a copy that was restored elsewhere is another database, or
has other host names, and sends nothing either. People stop sending for one seller or for everyone at any time. What a
provider has been asked for already is not called back.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models.functions import Now

from orders.backoffice import seller_scope
from orders.errors import require_reason
from orders.models import Seller
from orders.timeline import events
from refunds import rights
from refunds.errors import AlreadyDecided, NotYours
from refunds.models import Refund, RefundStatus, SendingSwitch

NOT_LIVE = (
    "This installation is not live: no refund and no webhook is sent. Work through “Going live”, then run "
    "manage.py go_live on the server."
)
# A dump that is restored has another cluster or another number there; a copy of the disk has other host names.
_THIS_DATABASE = """
(SELECT system_identifier FROM pg_control_system())::text || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || %s
"""
_ROWS = f"SELECT seller_id, stopped_at IS NULL, live_database = {_THIS_DATABASE} FROM refunds_sendingswitch"


def stopped_sellers() -> set[int] | None:
    """The sellers for which nothing is sent now; None when nothing is sent for anybody."""
    rows = _execute(_ROWS)
    if not any(seller is None and on and live for seller, on, live in rows):
        return None
    return {seller for seller, on, _ in rows if seller is not None and not on}


def may_send(seller_id: int) -> bool:
    """Whether something of this seller may leave now; whoever stops sending waits for the caller's transaction."""
    rows = _execute(f"{_ROWS} WHERE seller_id IS NULL OR seller_id = %s FOR SHARE", seller_id)
    return any(seller is None and live for seller, _, live in rows) and all(on for _, on, _ in rows)


def is_live() -> bool:
    """Whether this database went live here."""
    return any(seller is None and live for seller, _, live in _execute(_ROWS))


def stops() -> list[SendingSwitch]:
    """What is stopped, for everyone first."""
    rows = SendingSwitch.objects.filter(stopped_at__isnull=False).select_related("seller", "stopped_by")
    return sorted(rows, key=lambda row: (row.seller_id is not None, str(row)))


def go_live(*, for_good: bool = False) -> bool:
    """Let this database, in this installation, send; say whether it could not before. Stops stay as they are.

    `for_good`: from now on a second person confirms what loosens a limit.
    """
    with transaction.atomic():
        was = is_live()
        row = _locked(None)
        row.live_database = _execute(f"SELECT {_THIS_DATABASE}")[0][0]
        if for_good and row.went_live_at is None:
            row.went_live_at = Now()
        row.save(update_fields=["live_database", "went_live_at"])
    return not was


def stop(seller: Seller | None, *, by: User, why: str) -> None:
    """Send nothing of this seller, or of anybody, from now on, whoever approved it."""
    reason = require_reason(why)
    with transaction.atomic():
        person = _expect_right(by, "refunds.stop_sending", seller)
        _locked(None)
        row = _locked(seller)
        if row.stopped_at:
            raise AlreadyDecided(f"{row} is already stopped.", code="sending_already_stopped")
        row.stopped_at, row.stopped_by, row.why = Now(), person, reason
        row.save(update_fields=["stopped_at", "stopped_by", "why"])
        _record(row, person, f"Stopped: {reason}", "refund.sending_stopped", reason)


def resume(seller: Seller | None, *, by: User, why: str) -> None:
    """Send again: what waits goes out with the next run."""
    reason = require_reason(why)
    with transaction.atomic():
        person = _expect_right(by, "refunds.resume_sending", seller)
        row = _locked(seller)
        if not row.stopped_at:
            raise AlreadyDecided(f"{row} is not stopped.", code="sending_not_stopped")
        row.stopped_at, row.stopped_by, row.why = None, None, ""
        row.save(update_fields=["stopped_at", "stopped_by", "why"])
        _record(row, person, f"Resumed: {reason}", "refund.sending_resumed", reason)


def _expect_right(by: User, permission: str, seller: Seller | None) -> User:
    person, mine = rights.expect_right(by, permission), seller_scope.of(by)
    if mine is not None and (seller is None or seller.pk not in mine):
        raise NotYours("Only people without a limit to sellers can do this.")
    return person


def _locked(seller: Seller | None) -> SendingSwitch:
    SendingSwitch.objects.bulk_create([SendingSwitch(seller=seller)], ignore_conflicts=True)
    return SendingSwitch.objects.select_for_update(of=("self",)).get(seller=seller)


def _record(row: SendingSwitch, by: User, message: str, kind: str, why: str) -> None:
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(SendingSwitch),
        object_id=str(row.pk),
        object_repr=str(row),
        action_flag=CHANGE,
        change_message=message,
    )
    waiting = Refund.objects.filter(status=RefundStatus.APPROVED)
    waiting = waiting.filter(seller=row.seller_id) if row.seller_id else waiting
    found = waiting.order_by("pk").values_list("order_id", "seller_id", "number")
    events.record(
        [
            events.Event(order, of, kind, None, events.staff(by), {"refund": number, "why": why})
            for order, of, number in found
        ]
    )


def _execute(statement: str, *parameters: Any) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [settings.INSTALLATION, *parameters])
        found: Sequence[Any] = cursor.fetchall()
        return found

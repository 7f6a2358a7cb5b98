"""How is an account doing, and when is it asked again?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Now

from integrations.connections.models import Account, Connection
from integrations.warehouses.models import SyncRun
from orders.models import AttentionItem
from orders.timeline import attention

Kind = AttentionItem.Kind

FAILURES_WORTH_A_LOOK = 3
UNAVAILABLE_AT_MOST = 3
"""After so many runs in a row without an answer, no matter whose, all sellers of the connection wait."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
MOST_SKEW = timedelta(minutes=2)


def well(account: Account) -> None:
    """A run read everything: nothing is wrong with the account or its connection any more."""
    if account.failures:
        Account.objects.filter(pk=account.pk).update(failures=0)
    Connection.objects.filter(pk=account.connection_id).exclude(unavailable=0).update(unavailable=0)
    attention.clear_all(
        [
            (Kind.SYNC_FAILING, subject_of(account)),
            (Kind.SYNC_FAILING, _subject_of_connection(account)),
            (Kind.KEY_REFUSED, subject_of(account)),
        ]
    )


def failed(account: Account, error: str, *, incomplete: Sequence[str] = ()) -> None:
    """A run went wrong: count it, and say so to people when it was not the first in a row.

    `incomplete` names the lists that were not read to their end.
    """
    account.failures = _count(Account, account.pk, "failures")
    if account.failures >= FAILURES_WORTH_A_LOOK:
        text = f"{account}: {account.failures} runs in a row failed, the last because {error}"
        if incomplete:
            text += f". Its list of {' and '.join(incomplete)} is incomplete since {_since(account)}"
        raise_attention(Kind.SYNC_FAILING, account, text)


def busy(account: Account, error: str, retry_after: float | None, *, incomplete: Sequence[str] = ()) -> None:
    """ProSKU asks this account to come back later, or its list did not hold still."""
    Account.objects.filter(pk=account.pk).update(next_poll_at=Now() + _pause(account.failures, retry_after))
    failed(account, error, incomplete=incomplete)


def unavailable(account: Account, error: str, retry_after: float | None, *, incomplete: Sequence[str] = ()) -> None:
    """The connection gave no answer. When that happens again and again all its sellers wait, longer each time.

    They come due together: whoever is asked first finds out for all whether it answers again.
    """
    runs = _count(Connection, account.connection_id, "unavailable")
    _count(Account, account.pk, "failures")
    waiting = Account.objects.filter(pk=account.pk)
    pause = _pause(account.failures, retry_after)
    if runs >= UNAVAILABLE_AT_MOST:
        waiting = Account.objects.filter(connection=account.connection_id)
        pause = max(pause, _pause(runs - UNAVAILABLE_AT_MOST, None))
        text = f"{account.connection} has not answered {runs} runs in a row, the last time because {error}"
        evidence = {"last good run": _last_good_run(connection=account.connection_id)}
        subject = _subject_of_connection(account)
        attention.open_items([attention.AttentionRequest(Kind.SYNC_FAILING, subject, text, evidence=evidence)])
    waiting.filter(next_poll_at__lt=Now() + pause).update(next_poll_at=Now() + pause)


def stop(account: Account, why: str) -> None:
    """Its key or address is wrong: asking again is no use until a person has changed something."""
    account.paused_because = why[:300]
    account.failures = _count(Account, account.pk, "failures")
    Account.objects.filter(pk=account.pk).update(paused_because=account.paused_because)
    text = f"{account} is paused: {why}. Enter the right key or address, then press Sync now."
    raise_attention(Kind.KEY_REFUSED, account, text)


def compare_clocks(account: Account, served_at: datetime | None) -> None:
    """Keep how far ProSKU's clock is ahead of our database's; say so when it is far off."""
    if served_at is None:
        return
    was_off = abs(account.clock_skew or timedelta()) > MOST_SKEW
    ahead = Value(served_at, DateTimeField()) - Now()
    skew = Account.objects.filter(pk=account.pk).values_list(ahead, flat=True)[0]
    # ProSKU tells whole seconds: what differs by less has not changed.
    if account.clock_skew is None or abs(skew - account.clock_skew) > timedelta(seconds=1):
        account.clock_skew = skew
        Account.objects.filter(pk=account.pk).update(clock_skew=skew)
    if abs(skew) > MOST_SKEW:
        minutes = round(skew.total_seconds() / 60)
        way = "ahead of" if minutes > 0 else "behind"
        text = f"The clock of {account.connection} is {abs(minutes)} min {way} ours. Times it tells are off by as much."
        subject = _subject_of_connection(account)
        attention.open_items(
            [attention.AttentionRequest(Kind.CLOCK_SKEW, subject, text, evidence={"minutes": minutes})]
        )
    elif was_off:
        attention.resolve(Kind.CLOCK_SKEW, [_subject_of_connection(account)])


def _pause(failures: int, retry_after: float | None) -> timedelta:
    asked = timedelta(seconds=min(retry_after, LONGEST_PAUSE.total_seconds())) if retry_after else timedelta()
    return min(asked or FIRST_PAUSE * 2 ** min(failures, 6), LONGEST_PAUSE)


def _count(model: type[Account] | type[Connection], pk: int, counter: str) -> int:
    """Count one more and answer the count."""
    row = model.objects.filter(pk=pk)
    row.update(**{counter: F(counter) + 1})
    return int(row.values_list(counter, flat=True)[0])


def raise_attention(kind: str, account: Account, text: str) -> None:
    """Open an attention item about an account. One that is open already takes the newer text."""
    # Whoever closed it is notified again when it went well in between.
    evidence = {"last good run": _last_good_run(pk=account.pk)}
    attention.open_items(
        [attention.AttentionRequest(kind, subject_of(account), text, account.seller_id, evidence=evidence)]
    )


def _since(account: Account) -> str:
    """Since when a list may lack something: the last run that read all lists to their end began then."""
    good = _last_good_run(pk=account.pk)
    run = SyncRun.objects.get(pk=good) if good else None
    return f"{run.started_at:%d %b %Y %H:%M} UTC" if run else "the beginning: it was never read whole"


def _last_good_run(**whose: int) -> int | None:
    accounts = Account.objects.filter(**whose)
    good = SyncRun.objects.filter(account__in=accounts, state=SyncRun.State.SUCCEEDED, file="")
    return good.order_by("-pk").values_list("pk", flat=True).first()


def subject_of(account: Account) -> str:
    """What an account's attention items are about."""
    return f"account:{account.pk}"


def _subject_of_connection(account: Account) -> str:
    return f"connection:{account.connection_id}"

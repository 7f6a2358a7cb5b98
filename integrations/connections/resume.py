"""Read an account now, also when it is paused: a person asks."""

from django.db.models.functions import Now

from integrations.connections.models import Account


def resume(account: Account) -> None:
    """End the account's pause and make it due at once, with all its lists. Raises SwitchedOff."""
    account.require_switched_on()
    Account.objects.filter(pk=account.pk).update(next_poll_at=Now(), paused_because="", despatches_read_at=None)
    account.refresh_from_db(fields=("next_poll_at", "paused_because", "despatches_read_at"))

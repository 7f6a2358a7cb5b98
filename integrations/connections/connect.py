"""Connect a seller to a warehouse system, or change how it is reached."""

from collections.abc import Collection
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from integrations import http
from integrations.connections.models import Account, Connection
from integrations.public_addresses import private_address
from orders.errors import ActionRefused
from orders.models import Seller

KEY_FORGOTTEN = "The connection's address has changed: enter the key again"


class NotConnectable(ActionRefused):
    """The connection cannot be made so; the message says what to change, `field` where."""


def connect(*, kind: str, name: str, base_url: str, form: str, seller_code: str, key: str) -> tuple[Account, bool]:
    """Give a seller access through the connection of this name, and say whether the account is new.

    Called again it changes the address, the form or the key. Raises NotConnectable.
    """
    seller = Seller.objects.filter(code=seller_code).first()
    if seller is None:
        sentence = f"There is no seller {seller_code}: add it in the admin, or import its orders."
        raise NotConnectable(sentence, code="seller_not_found", field="seller")
    with transaction.atomic():
        connection = Connection.objects.select_for_update().filter(name=name).first() or Connection(name=name)
        connection.kind, connection.base_url, connection.format = kind, base_url, form
        save_connection(connection)
        account = Account.objects.filter(connection=connection, seller=seller).first()
        new = account is None
        account = account or Account(connection=connection, seller=seller)
        account.key = key
        save_account(account, changed=("key",))
    return account, new


def check_address(kind: str, base_url: str) -> None:
    """Refuse an address that is never called; only files have none. Raises NotConnectable."""
    if kind == "files" and not base_url:
        return
    try:
        http.check_address(base_url)
    except http.NotAllowed as error:
        raise NotConnectable(f"{error}", code="address_not_allowed", field="base_url") from None
    host = urlsplit(base_url).hostname or ""
    if not settings.WAREHOUSE_ALLOW_PRIVATE_NETWORKS and (inside := private_address(host)):
        sentence = f"{host} is {inside}, which is not a public address"
        raise NotConnectable(sentence, code="address_not_allowed", field="base_url")


def save_connection(connection: Connection) -> None:
    """Store a connection. With another address its accounts wait until their keys are entered again: a key that was
    given to one server is never sent to another. Raises NotConnectable.
    """
    check_address(connection.kind, connection.base_url)
    with transaction.atomic():
        before = Connection.objects.select_for_update().filter(pk=connection.pk).first()
        connection.save()
        if before is not None and before.base_url != connection.base_url:
            Account.objects.filter(connection=connection).update(key="", paused_because=KEY_FORGOTTEN)


def save_account(account: Account, *, changed: Collection[str]) -> None:
    """Store an account; with a new key it is asked again, whatever paused it before."""
    with transaction.atomic():
        account.save()
        if "key" in changed:
            _ask_again(Account.objects.filter(pk=account.pk))


def _ask_again(accounts: QuerySet[Account]) -> None:
    accounts.update(paused_because="", failures=0, next_poll_at=Now())

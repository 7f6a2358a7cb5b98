"""Which warehouse system does an account belong to, and which one reads a record of a given kind?"""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.connections.models import Account
from integrations.warehouses.port import WarehouseSystem


def system_of(account: Account) -> WarehouseSystem:
    """The system that the account's connection speaks to."""
    return system(account.connection.kind)


def system_that_reads(resource: str, account: Account) -> WarehouseSystem:
    """The system whose records are called so: the account's own, or that of the files which are read beside it."""
    own = system_of(account)
    if resource in own.lists:
        return own
    return next((other for kind in settings.WAREHOUSE_SYSTEMS if resource in (other := system(kind)).lists), own)


def comparable_kinds() -> list[str]:
    """The kinds of systems that can be asked for all open orders."""
    return [kind for kind in settings.WAREHOUSE_SYSTEMS if system(kind).open_orders]


def system(kind: str) -> WarehouseSystem:
    """The system of a kind of connection."""
    return _made(settings.WAREHOUSE_SYSTEMS[kind])


@lru_cache
def _made(path: str) -> WarehouseSystem:
    made: WarehouseSystem = import_string(path)()
    return made

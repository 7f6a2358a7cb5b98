"""Which accounts does an operator mean on the command line?"""

from integrations.connections.models import Account, SwitchedOff
from orders.errors import ActionRefused


class AccountNotFound(ActionRefused):
    """No account is connected so; the message says how to connect one."""


def choose(*, kind: str, seller_code: str = "") -> list[Account]:
    """The accounts of a kind of system that are switched on, of one seller or of all.

    Raises AccountNotFound, and SwitchedOff where there are some and none of them is in use.
    """
    accounts = Account.objects.filter(connection__kind=kind).select_related("connection", "seller")
    if seller_code:
        accounts = accounts.filter(seller__code=seller_code)
    found = list(accounts)
    if not found:
        sentence = "There is no such account: connect one with connect_prosku."
        raise AccountNotFound(sentence, code="account_not_found", field="seller")
    if not (in_use := [account for account in found if account.switched_on]):
        names = ", ".join(str(account) for account in found)
        raise SwitchedOff(f"Switched off: {names}. Switch it on first.", code="account_off", field="seller")
    return in_use

"""How does a test open a settings form, so that what it posts is what a person would post?"""

import re
from html import unescape

from django.test import Client

from orders.backoffice.pages.form_values import OPENED_WITH


def opened(client: Client, address: str) -> dict[str, str]:
    """What the form at this address carries of what stood on it when it was opened."""
    found = re.search(f'name="{OPENED_WITH}" value="([^"]*)"', client.get(address).content.decode())
    return {OPENED_WITH: unescape(found[1])} if found else {}

"""From which address does a request really come?"""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The address that the outermost proxy of our own was asked from; what stands before it anybody may have written.

    Without proxies, or when there are fewer entries than proxies, it is whoever speaks to us.
    """
    forwarded = [word.strip() for word in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    claimed = forwarded[-trusted] if 0 < trusted <= len(forwarded) else ""
    return claimed if _is_address(claimed) else str(request.META.get("REMOTE_ADDR", ""))


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True

"""Which addresses may be called that somebody else named? Public ones, judged after their name was looked up."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from integrations.public_addresses import is_public


class NotAllowed(ValueError):
    """This address is never called; the message is a sentence for people."""


class Unresolved(OSError):
    """Nobody knows the name now; perhaps later."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address in its parts."""

    secure: bool
    host: str
    port: int
    path: str


def parse(url: str) -> Target:
    """Take an address apart. Raises NotAllowed for what cannot be called, wherever it leads."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        raise NotAllowed("This is no address of a web server.") from None
    if not url.isascii() or any(not character.isprintable() or character == " " for character in url):
        raise NotAllowed("The address must hold neither blanks nor letters beyond ASCII.")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("The address must not hold a user or a password.")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS):
        raise NotAllowed("The address must begin with https://.")
    if not host or "%" in host or port == 0:
        raise NotAllowed("This is no address of a web server.")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port or (443 if secure else 80), path)


def resolve(target: Target) -> str:
    """Look the name up and return the one IP address to connect to. Raises NotAllowed, Unresolved.

    One address that is not public refuses the name: nobody has a reason to mix them but to get past this check.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unresolved(f"The name {target.host} is not known.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS:
        for address in addresses:
            if not is_public(address):
                raise NotAllowed(f"{target.host} is {address}, which is not a public address.")
    return addresses[0]

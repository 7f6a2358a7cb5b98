"""Which addresses may be called that somebody else named? Public ones, judged after their name was looked up."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses of IPv6 that carry one of IPv4: what is called in the end is that one.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")


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


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet, and so does what it carries inside."""
    try:
        ip: IP = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped or ip in _COMPATIBLE or any(ip in network for network in _NAT64):
            return ip not in _NAT64[1] and is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.sixtofour:
            return is_public(str(ip.sixtofour))
        if ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved

"""Which addresses lie in the public internet, and which inside the network?"""

import ipaddress
import socket

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses of IPv6 that carry one of IPv4: what is called in the end is that one.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")


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


def private_address(host: str) -> str:
    """An address inside the network that this name stands for, "" when there is none. Unknown names may come later."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return ""
    return next((address for address in sorted(found) if not is_public(address)), "")

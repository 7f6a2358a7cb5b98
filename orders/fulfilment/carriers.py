"""On which page does a carrier show where a parcel is? (pure)"""

from functools import lru_cache
from urllib.parse import quote, urlsplit

# The first that matches counts: longer names stand before those that they contain.
_PAGES = (
    (("parcelforce",), "https://www.parcelforce.com/track-trace?trackNumber={}"),
    (("royalmail",), "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    (("dpdlocal", "interlink"), "https://www.dpdlocal.co.uk/apps/tracking/?reference={}"),
    (("dpd",), "https://track.dpd.co.uk/parcels/{}"),
    (("evri", "hermes", "myhermes"), "https://www.evri.com/track/parcel/{}"),
    (("dhlexpress",), "https://www.dhl.com/gb-en/home/tracking/tracking-express.html?submit=1&tracking-id={}"),
    (("dhl",), "https://www.dhl.com/gb-en/home/tracking.html?submit=1&tracking-id={}"),
    (("fedex", "federalexpress"), "https://www.fedex.com/fedextrack/?trknbr={}"),
    (("ups", "unitedparcelservice"), "https://www.ups.com/track?tracknum={}"),
    (("usps", "unitedstatespostalservice"), "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
    (("yodel",), "https://www.yodel.co.uk/tracking/{}"),
    (("gls", "generallogisticssystems"), "https://gls-group.com/track/{}"),
    (("chronopost",), "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={}"),
    (("colissimo", "laposte"), "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    (("postnl",), "https://postnl.nl/tracktrace/?B={}"),
    (("tnt",), "https://www.tnt.com/express/en_gb/site/shipping-tools/tracking.html?searchType=con&cons={}"),
    (("amazonlogistics", "amazonshipping", "amazon"), "https://track.amazon.co.uk/tracking/{}"),
)

_HOSTS = frozenset((
    "parcelforce.com", "royalmail.com", "dpdlocal.co.uk", "dpd.co.uk", "dpd.com", "dpd.de", "dpd.fr", "evri.com",
    "myhermes.co.uk", "dhl.com", "dhl.de", "dhlparcel.nl", "dhlparcel.co.uk", "fedex.com", "ups.com", "usps.com",
    "yodel.co.uk", "gls-group.com", "gls-group.eu", "chronopost.fr", "laposte.fr", "colissimo.fr", "postnl.nl",
    "tnt.com", "track.amazon.co.uk", "track.amazon.com", "anpost.com", "bpost.be", "correos.es", "poste.it",
    "postnord.com", "inpost.co.uk", "inpost.pl", "17track.net", "aftership.com",
))  # fmt: skip


def _is_carriers(address: str) -> bool:
    """Whether an address is an https page of a carrier that we know, and looks like nothing else."""
    # A browser takes a backslash for a slash, and drops blanks and control characters.
    if not address.isascii() or not address.isprintable() or any(sign in address for sign in "\\ "):
        return False
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or port is not None or "@" in parts.netloc:
        return False
    while host and host not in _HOSTS:
        host = host.partition(".")[2]
    return bool(host)


def tracking_page(carrier: str, number: str, given: str = "") -> str:
    """The address where this parcel is followed; "" for a carrier that we do not know.

    What the warehouse gave itself comes first, as long as it leads to a carrier: whoever writes to the warehouse's
    system could otherwise lead our people anywhere.
    """
    if _is_carriers(given):
        return given
    number = "".join(number.split())
    page = _page_of(carrier) if number else ""
    return page.format(quote(number, safe="")) if page else ""


@lru_cache(maxsize=1024)
def _page_of(carrier: str) -> str:
    words = "".join(sign if sign.isalnum() else " " for sign in carrier.casefold()).split()
    # "Royal Mail", "royal_mail" and "RoyalMail Tracked 48" are the same; "Upside Couriers" is not UPS.
    starts = {"".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, min(at + 4, len(words)) + 1)}
    for names, page in _PAGES:
        if starts.intersection(names):
            return page
    return ""

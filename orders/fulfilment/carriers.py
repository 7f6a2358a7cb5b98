"""On which page does a carrier show where a parcel is? (pure)"""

from urllib.parse import quote

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


def tracking_page(carrier: str, number: str, given: str = "") -> str:
    """The address where this parcel is followed; "" for a carrier that we do not know.

    What the warehouse gave itself comes first, as long as it is an https address.
    """
    if given.startswith("https://"):
        return given
    number = "".join(number.split())
    if not number:
        return ""
    words = "".join(sign if sign.isalnum() else " " for sign in carrier.casefold()).split()
    # "Royal Mail", "royal_mail" and "RoyalMail Tracked 48" are the same; "Upside Couriers" is not UPS.
    starts = {"".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, min(at + 4, len(words)) + 1)}
    for names, page in _PAGES:
        if starts.intersection(names):
            return page.format(quote(number, safe=""))
    return ""

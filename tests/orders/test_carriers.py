"""Does a parcel lead to its carrier's page, and to no other?"""

import pytest

from orders.fulfilment.carriers import tracking_page


@pytest.mark.parametrize(
    ("carrier", "page"),
    [
        ("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/AB123"),
        ("royal_mail 48", "https://www.royalmail.com/track-your-item#/tracking-results/AB123"),
        ("RoyalMail", "https://www.royalmail.com/track-your-item#/tracking-results/AB123"),
        ("Parcelforce Worldwide", "https://www.parcelforce.com/track-trace?trackNumber=AB123"),
        ("DPD", "https://track.dpd.co.uk/parcels/AB123"),
        ("DPD Local", "https://www.dpdlocal.co.uk/apps/tracking/?reference=AB123"),
        ("Evri", "https://www.evri.com/track/parcel/AB123"),
        ("HERMES", "https://www.evri.com/track/parcel/AB123"),
        ("DHL", "https://www.dhl.com/gb-en/home/tracking.html?submit=1&tracking-id=AB123"),
        ("DHL Express", "https://www.dhl.com/gb-en/home/tracking/tracking-express.html?submit=1&tracking-id=AB123"),
        ("UPS Standard", "https://www.ups.com/track?tracknum=AB123"),
        ("FedEx", "https://www.fedex.com/fedextrack/?trknbr=AB123"),
        ("Yodel Direct", "https://www.yodel.co.uk/tracking/AB123"),
        ("GLS", "https://gls-group.com/track/AB123"),
        ("La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code=AB123"),
        ("Colissimo", "https://www.laposte.fr/outils/suivre-vos-envois?code=AB123"),
        ("Chronopost", "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT=AB123"),
        ("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=AB123"),
        ("PostNL", "https://postnl.nl/tracktrace/?B=AB123"),
        ("TNT", "https://www.tnt.com/express/en_gb/site/shipping-tools/tracking.html?searchType=con&cons=AB123"),
        ("Amazon Logistics", "https://track.amazon.co.uk/tracking/AB123"),
        ("Collected by courier", ""),
        ("Upside Couriers", ""),
        ("", ""),
    ],
)
def test_the_usual_carriers_have_a_page_and_others_none(carrier: str, page: str) -> None:
    assert tracking_page(carrier, "AB123") == page


def test_a_number_cannot_leave_its_place_in_the_address() -> None:
    assert tracking_page("DPD", "1/../x?a=1&b=#c\"<'é") == (
        "https://track.dpd.co.uk/parcels/1%2F..%2Fx%3Fa%3D1%26b%3D%23c%22%3C%27%C3%A9"
    )
    assert tracking_page("DPD", " 15 50 ") == "https://track.dpd.co.uk/parcels/1550"
    assert tracking_page("DPD", " ") == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://www.royalmail.com/track-your-item#/AB1",
        "https://track.dpd.co.uk/parcels/1",
        "https://dhl.com/x?y=z",
    ],
)
def test_the_warehouse_s_own_address_comes_first_if_it_is_a_carrier_s(address: str) -> None:
    assert tracking_page("DPD", "1", address) == tracking_page("Own van", "", address) == address


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1@evil.example/",
        "https://www.royalmail.com@evil.example/",
        "https://evil.example/www.royalmail.com",
        "https://evil.example\\@www.royalmail.com/",
        "https://www.royalmail.com\\@evil.example/",
        "https://royalmail.com.evil.example/",
        "https://notdhl.com/",
        "https://www.royalmail.com:8443/",
        "https:www.royalmail.com",
        "http://www.royalmail.com/",
        "https://www.royal\tmail.com/",
        "https://www.roya\u0131mail.com/",
        "https://[::1",
        "//www.royalmail.com/",
        "javascript:alert(1)",
        "https://parcel.example/1",
    ],
)
def test_an_address_that_leads_elsewhere_is_no_link(address: str) -> None:
    assert tracking_page("DPD", "1", address) == "https://track.dpd.co.uk/parcels/1"
    assert tracking_page("Own van", "", address) == ""

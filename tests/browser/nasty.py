"""What is the world like at its worst? (long names, right-to-left, emoji, 100 items, 30 shipments, odd currencies)"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from orders.models import Shipment
from orders.timeline.attention import AttentionRequest, open_items
from refunds.decisions import review
from tests.builders import make_channel, make_order, make_seller
from tests.refunds.people import make_refund, manager
from tests.warehouse import despatched, reported, tell

LONG = "Ahornblättchen-Wohnaccessoires-und-Geschenkartikel-Handelsgesellschaft" * 3
ARABIC = "متجر الزهور والهدايا الجميلة في مدينة دبي"
EMOJI = "🧦 Söckchen & Co. 👩‍👩‍👧‍👦 <b>“fett”</b>"
WORDS = "A very long sentence that somebody pasted without looking, " * 5


def nasty_world() -> None:
    """Orders, refunds and attention that are hard to show."""
    here = timezone.now()
    channel = make_channel("bazaar", name=LONG[:120])
    tokyo = make_seller("tokyo", name=ARABIC, currency="JPY", time_zone="Asia/Tokyo")
    kuwait = make_seller("kuwait", name=LONG[:120], currency="KWD", time_zone="Asia/Kuwait")
    emoji = make_seller("emoji", name=EMOJI)
    big = make_order(
        "R" * 90,
        seller=kuwait,
        channel=channel,
        items=[(f"SKU-{n:03}-{'X' * (n % 80)}", 30, 123456789) for n in range(100)],
        customer_name=LONG[:200],
        customer_email=f"{'a' * 60}@{'b' * 60}.example",
        notes=WORDS,
        placed_at=here - timedelta(days=20),
        shipping_address={"name": ARABIC, "line1": LONG[:200], "city": EMOJI, "postcode": "٠١٢٣٤", "country": "KW"},
    )
    big.items.update(name=LONG[:250])
    units: Any = {f"SKU-{n:03}-{'X' * (n % 80)}": 1 for n in range(100)}
    for n in range(30):
        note = despatched(f"D-{n}", at=n, tracking=(f"{n}" * 100)[:120], order=big.reference, **units)
        tell(big, note)
    Shipment.objects.update(carrier=LONG[:100], service=ARABIC)
    for seller, name, paid in ((tokyo, ARABIC, 999_999_999_999), (emoji, EMOJI, 1), (kuwait, LONG[:100], 5)):
        order = make_order(
            f"N-{seller.code}-{name[:40]}",
            seller=seller,
            channel=channel,
            customer_name=name,
            items=[("TEE", 2, paid)],
            placed_at=here - timedelta(days=9),
        )
        order.items.update(name=name)
        refund = make_refund(order=order)
        open_items(
            [AttentionRequest("over_shipment", f"order:{order.pk}", WORDS[:300], seller.pk, order.pk, {"told": LONG})]
        )
    review.hold(refund.pk, by=manager("x" * 140), why=WORDS[:290])
    tell(big, reported("Wörd " + "w" * 80, order=big.reference))

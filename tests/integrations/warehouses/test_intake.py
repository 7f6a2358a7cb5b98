"""What does a sync make of what ProSKU says? A real sandbox over real HTTP, a real database."""

from collections.abc import Iterator

import pytest

from hemi_intake.demo.prosku_server.answers import Fault
from hemi_intake.demo.prosku_server.server import Sandbox
from integrations.models import Account, ArchivedMessage, Connection, StatusMapping, SyncRun
from integrations.warehouses import poll
from integrations.warehouses.prosku.parse import DEFAULT_STATUSES
from integrations.warehouses.sync import sync
from orders.models import AttentionItem, Order, OrderEvent, Shipment
from refunds.models import Refund
from tests.builders import make_order, make_seller

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "seller-one-key"
State = ArchivedMessage.State


@pytest.fixture(params=["xml", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,)) as sandbox:
        yield sandbox


def connect(prosku: Sandbox, *, form: str = "xml", key: str = KEY) -> Account:
    # A test that commits empties the tables that migrations filled.
    words = [
        StatusMapping(external_status=word, status=means.value, detail=detail)
        for word, (means, detail) in DEFAULT_STATUSES.items()
    ]
    StatusMapping.objects.bulk_create(words, ignore_conflicts=True)
    connection = Connection.objects.create(name="main", base_url=prosku.url, format=form)
    return Account.objects.create(connection=connection, seller=make_seller("lumen"), key=key)


def load(prosku: Sandbox, reference: str, plan: str, **quantities: int) -> None:
    lines = [{"product_code": sku, "quantity": units} for sku, units in quantities.items()]
    prosku.state.load([{"key": KEY, "order_reference": reference, "plan": plan, "lines": lines}])


def finish(prosku: Sandbox) -> None:
    while prosku.state.advance():
        pass


def run_of(account: Account) -> SyncRun:
    account = Account.objects.select_related("connection", "seller").get(pk=account.pk)
    run = sync(account)
    assert run is not None
    return run


def picture() -> dict[str, object]:
    """Everything that applying messages may change, without ids and times."""
    return {
        "orders": list(
            Order.objects.order_by("reference").values_list("reference", "status", "fulfilment_orders__closed_as")
        ),
        "items": list(
            Order.objects.order_by("reference", "items__sku").values_list(
                "items__sku", "items__shipped_quantity", "items__cancelled_quantity", "items__committed_amount"
            )
        ),
        "shipments": list(Shipment.objects.order_by("number").values_list("number", "items__sku", "items__quantity")),
        "events": list(OrderEvent.objects.order_by("id").values_list("kind", flat=True)),
        "refunds": list(Refund.objects.order_by("number").values_list("number", "status", "amount")),
        "attention": AttentionItem.objects.filter(closed_at__isnull=True).count(),
    }


def test_a_short_order_ends_in_a_proposal_for_the_unit_that_never_ships(prosku: Sandbox, form: str) -> None:
    account = connect(prosku, form=form)
    order = make_order("W-1", seller=account.seller, items=[("TEE", 2, 5998)], shipping_charge=495)
    load(prosku, "W-1", "part_then_short", TEE=2)
    finish(prosku)

    run = run_of(account)

    assert (run.state, run.error, run.rejected, run.parked, run.proposed) == ("succeeded", "", 0, 0, 1)
    order.refresh_from_db()
    item = order.items.get()
    assert (order.status, item.shipped_quantity, item.cancelled_quantity) == ("shipped", 1, 1)
    refund = order.refunds.get()
    assert (refund.number, refund.status, refund.amount, refund.shipping_amount) == ("W-1-R1", "proposed", 2999, 0)
    assert set(refund.messages) <= set(ArchivedMessage.objects.filter(order=order).values_list("pk", flat=True))


def test_nothing_ships_so_the_delivery_charge_is_refunded_too(prosku: Sandbox, form: str) -> None:
    account = connect(prosku, form=form)
    order = make_order("W-1", seller=account.seller, items=[("TEE", 2, 5998)], shipping_charge=495)
    load(prosku, "W-1", "cancelled", TEE=2)
    finish(prosku)

    run_of(account)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert order.refunds.get().amount == 5998 + 495


def test_reading_again_from_the_beginning_changes_nothing(prosku: Sandbox, form: str) -> None:
    account = connect(prosku, form=form)
    plans = ("whole", "short", "part_then_rest", "part_then_short", "cancelled", "waiting", "on_hold")
    for number, plan in enumerate(plans):
        make_order(f"W-{number}", seller=account.seller, items=[("TEE", 2, 5998), ("CAP", 3, 1000)])
        load(prosku, f"W-{number}", plan, TEE=2, CAP=3)
    for _ in range(6):
        prosku.state.advance()
        run_of(account)
    before = picture()

    Account.objects.update(despatches_cursor=None, orders_cursor=None)
    run = run_of(account)

    assert run.duplicates == run.messages > 0
    assert picture() == before


def test_a_message_waits_for_its_order_and_applies_by_itself(prosku: Sandbox) -> None:
    account = connect(prosku)
    load(prosku, "W-1", "whole", TEE=2)
    finish(prosku)
    run = run_of(account)
    assert (run.applied, run.parked) == (0, 2)
    assert AttentionItem.objects.get(closed_at__isnull=True).kind == "unknown_order"

    order = make_order("W-1", seller=account.seller, items=[("TEE", 2, 5998)])
    assert poll.apply_everywhere() == 2

    order.refresh_from_db()
    assert order.status == "shipped"
    assert not AttentionItem.objects.filter(closed_at__isnull=True).exists()
    assert poll.apply_everywhere() == 0


def test_however_many_orders_are_unknown_it_is_said_once_and_unsaid_with_the_last(prosku: Sandbox) -> None:
    account = connect(prosku)
    for number in range(5):
        load(prosku, f"W-{number}", "whole", TEE=2)
    finish(prosku)
    run_of(account)
    item = AttentionItem.objects.get()
    assert item.summary == f"{account}: messages wait for 5 orders: W-0, W-1, W-2 …"

    for number in range(4):
        make_order(f"W-{number}", seller=account.seller, items=[("TEE", 2, 5998)])
    poll.apply_everywhere()
    item.refresh_from_db()
    assert (item.summary, item.closed_at) == (f"{account}: messages wait for order W-4", None)
    make_order("W-4", seller=account.seller, items=[("TEE", 2, 5998)])
    poll.apply_everywhere()

    item.refresh_from_db()
    assert item.closed_at is not None
    assert AttentionItem.objects.count() == 1


def test_an_unknown_status_changes_nothing_until_somebody_maps_it(prosku: Sandbox) -> None:
    account = connect(prosku)
    order = make_order("W-1", seller=account.seller, items=[("TEE", 1, 2999)])
    lines = [{"product_code": "TEE", "quantity": 1, "cancelled_quantity": 1}]
    told = {"order_reference": "W-1", "order_number": "7", "status": "vanished", "updated_at": "03/03/2026 10:00:00"}
    prosku.state.put(KEY, "orders", [{**told, "order_lines": lines}])
    run = run_of(account)
    order.refresh_from_db()
    shown = order.fulfilment_orders.get().external_status
    assert (run.parked, shown, order.cancelled_units) == (1, "vanished", 0)
    assert AttentionItem.objects.get(closed_at__isnull=True).subject == "status:prosku:vanished"

    StatusMapping.objects.filter(external_status="vanished").update(status="cancelled")
    poll.apply_everywhere()

    order.refresh_from_db()
    assert (order.status, order.refunds.get().amount) == ("cancelled", 2999)
    assert not AttentionItem.objects.filter(closed_at__isnull=True).exists()


def test_what_cannot_be_read_is_rejected_and_the_rest_goes_on(prosku: Sandbox) -> None:
    account = connect(prosku)
    order = make_order("W-1", seller=account.seller, items=[("TEE", 1, 2999)])
    note: dict[str, object] = {"despatch_number": "1", "additional_ref": "W-1", "confirmed_at": "03/03/2026 10:00:00"}
    bad = {**note, "despatch_lines": [{"product_code": "TEE", "quantity": "-1"}]}
    good = {**note, "despatch_number": "2", "despatch_lines": [{"product_code": "TEE", "quantity": "1"}]}
    prosku.state.put(KEY, "despatches", [bad, good])

    run = run_of(account)

    assert (run.state, run.applied, run.rejected) == ("succeeded", 1, 1)
    order.refresh_from_db()
    assert order.shipped_units == 1
    rejected = ArchivedMessage.objects.get(state=State.REJECTED)
    assert "quantity" in rejected.reason
    assert AttentionItem.objects.get(closed_at__isnull=True).kind == "message_rejected"


def test_a_revoked_key_pauses_the_seller_until_a_person_asks(prosku: Sandbox) -> None:
    account = connect(prosku)
    prosku.state.set_revoked(KEY, revoked=True)

    run = run_of(account)

    account.refresh_from_db()
    assert run.state == "failed"
    assert "refuses the key" in account.paused_because
    assert poll.poll() == 0
    assert AttentionItem.objects.get(closed_at__isnull=True).kind == "key_refused"
    assert KEY not in account.paused_because + run.error


def test_a_page_of_html_is_kept_and_moves_no_cursor(prosku: Sandbox) -> None:
    account = connect(prosku)
    prosku.faults.append(Fault(mode="html", times=-1))

    run = run_of(account)

    account.refresh_from_db()
    assert run.state == "failed"
    assert "HTML" in run.error
    assert account.despatches_cursor is None
    assert ArchivedMessage.objects.get().state == State.REJECTED


def test_one_run_at_a_time_reads_a_seller(prosku: Sandbox) -> None:
    account = connect(prosku)
    first = SyncRun.objects.create(account=account, lease_until="2999-01-01T00:00:00Z")
    assert sync(account) is None

    SyncRun.objects.filter(pk=first.pk).update(lease_until="2000-01-01T00:00:00Z")
    assert run_of(account).state == "succeeded"
    first.refresh_from_db()
    assert first.state == "abandoned"


def test_the_key_is_sealed_in_the_database(prosku: Sandbox) -> None:
    account = connect(prosku)
    account.refresh_from_db()
    assert account.key.reveal() == KEY
    assert KEY not in account.key.sealed + repr(account.key)

"""Is what a person uploads theirs, and is no file moved while people stopped sending?"""

from pathlib import Path

import pytest

from integrations.models import Account, SyncRun
from integrations.warehouses import poll
from integrations.warehouses.files import folder
from integrations.warehouses.files.import_file import import_file
from orders.models import OrderEvent
from refunds import sending
from tests.builders import make_staff
from tests.integrations.warehouses.files.test_files import ONE, WRITTEN_AT, account, drop, inbox, order_of, world

__all__ = ["account", "inbox", "world"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_no_file_is_moved_while_sending_is_stopped(account: Account, inbox: Path) -> None:
    drop(inbox, "today.csv", ONE)
    mia = make_staff("mia", permissions=["refunds.stop_sending", "refunds.resume_sending"])

    for seller in (None, account.seller):
        sending.stop(seller, by=mia, why="so")
        assert folder.read_all() == 0
        sending.resume(seller, by=mia, why="so")

    assert folder.read_all() == 1


def test_what_a_person_uploads_is_theirs_also_when_its_order_comes_later(account: Account) -> None:
    order, mia = order_of(account), make_staff("mia")
    rows = ONE + "W-2,TEE,1,DPD,T2,03/03/2026 10:00:00,000124\n"

    import_file(account, "today.csv", rows.encode(), written_at=WRITTEN_AT, by=mia)
    later = order_of(account, "W-2")
    poll.apply_everywhere()

    for one in (order, later):
        assert set(OrderEvent.objects.filter(order=one).values_list("actor", flat=True)) == {"staff:mia"}
    assert SyncRun.objects.get().actor == "staff:mia"

"""Does a connection that falls silent come to somebody's attention, and only then?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Account, Connection, SyncRun
from integrations.warehouses.silence import detect_silence
from tests.builders import make_seller
from tests.integrations.warehouses.world import open_attention

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def connect() -> Account:
    connection = Connection.objects.create(name="main", base_url="https://prosku.example")
    return Account.objects.create(connection=connection, seller=make_seller("lumen"), key="k")


def ran(account: Account, ago: timedelta, *, news: int) -> None:
    began = NOW - ago
    SyncRun.objects.create(
        account=account, state="succeeded", started_at=began, finished_at=began, lease_until=began, messages=news
    )


def news_every_six_minutes(account: Account, *, until: timedelta, count: int = 20) -> None:
    for number in range(count):
        ran(account, until + timedelta(minutes=6 * number), news=3)


def test_a_silence_much_longer_than_usual_is_told_with_the_usual_gap() -> None:
    account = connect()
    news_every_six_minutes(account, until=timedelta(hours=3))
    ran(account, timedelta(minutes=1), news=0)

    assert detect_silence() == 1

    assert open_attention("silence") == ["nothing from main for 3 h; usual gap 6 min"]


def test_it_closes_itself_when_news_comes() -> None:
    account = connect()
    news_every_six_minutes(account, until=timedelta(hours=3))
    ran(account, timedelta(minutes=1), news=0)
    detect_silence()
    ran(account, timedelta(seconds=1), news=1)

    assert detect_silence() == 0

    assert open_attention("silence") == []


def test_a_short_silence_is_none() -> None:
    account = connect()
    news_every_six_minutes(account, until=timedelta(minutes=50))
    ran(account, timedelta(minutes=1), news=0)

    assert detect_silence() == 0


def test_without_a_poll_that_went_well_nobody_can_tell() -> None:
    account = connect()
    news_every_six_minutes(account, until=timedelta(hours=3))

    assert detect_silence() == 0


def test_too_little_is_known_at_first() -> None:
    account = connect()
    news_every_six_minutes(account, until=timedelta(hours=3), count=3)
    ran(account, timedelta(minutes=1), news=0)

    assert detect_silence() == 0


def test_hours_that_were_quiet_a_week_ago_are_usual() -> None:
    account = connect()
    for back in (timedelta(days=7), timedelta()):
        news_every_six_minutes(account, until=back + timedelta(hours=9))
    ran(account, timedelta(minutes=1), news=0)
    assert detect_silence() == 0

    # A week ago there was news in the middle of what is silent today.
    ran(account, timedelta(days=7, hours=4), news=2)
    assert detect_silence() == 1


def test_a_shipping_file_is_no_news_from_the_connector() -> None:
    account = connect()
    news_every_six_minutes(account, until=timedelta(hours=3))
    ran(account, timedelta(minutes=1), news=0)
    ran(account, timedelta(minutes=2), news=5)
    SyncRun.objects.filter(messages=5).update(file="today.csv")

    assert detect_silence() == 1

"""Does one search box find an order by whatever is in hand, the exact one first, and lead straight to it?"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.backoffice import search
from orders.models import Order, OrderItem, ProductWord, SearchWord
from tests.builders import make_order, make_seller, make_staff
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db
LIST = "admin:orders_order_changelist"


def login() -> Client:
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_order"]))
    return client


def shown(client: Client, query: str) -> list[str]:
    page = client.get(f"{reverse(LIST)}?{query}")
    assert page.status_code == 200
    return re.findall(r">(W-[\w-]+)</a>", page.content.decode())


@pytest.mark.parametrize(
    "text",
    [
        *("ada", "lovelace", "Lovelace, Ada", "king l", "o'brien", "O’Brien", "JEAN-LUC", "luc", "قا"),
        *("sw1a 1a", "SW1A1AA", "sw1a1"),
    ],
)
def test_an_order_is_found_by_words_of_the_name_in_any_sequence_and_by_the_postcode(text: str) -> None:
    order = make_order(
        customer_name="Ada Jean-Luc O'Brien King Lovelace قاسم", shipping_address={"postcode": "SW1A 1AA"}
    )
    make_order(customer_name="Grace Hopper", customer_email="g@x.example", shipping_address={"postcode": "SW1B 1AA"})

    assert search.find(text) == [order.pk]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("Zoë Müller", ("Zoe", "zoë", "muller", "Müller")),
        ("Zoe Muller", ("zoë", "müller")),
        ("Łukasz Ångström", ("lukasz", "angstrom")),
        ("Søren Weiß", ("soren weiss", "WEISS", "Weiß")),
        ("José Núñez", ("jose nunez", "NÚÑEZ")),
    ],
)
def test_a_name_is_found_with_and_without_its_accents(name: str, texts: tuple[str, ...]) -> None:
    order = make_order(customer_name=name)
    make_order(customer_name="Grace Hopper")

    assert {text: search.find(text) for text in texts} == {text: [order.pk] for text in texts}


@pytest.mark.parametrize("text", ["12 high st", "High Street Bath", "lovelace high", "Café", "cafe ltd"])
def test_an_order_is_found_by_words_of_its_shipping_address(text: str) -> None:
    address = {"company": "Café Ltd", "line1": "12 High Street", "city": "Bath", "postcode": "BA1 1AA"}
    order = make_order(customer_name="Ada Lovelace", shipping_address=address)
    make_order(customer_name="Grace", shipping_address={"line1": "13 Low Street", "city": "Bath"})

    assert search.find(text) == [order.pk]
    Order.objects.filter(pk=order.pk).update(shipping_address={"line1": "1 New Road"}, customer_name="Ada")
    assert (search.find(text), search.find("1 new road")) == ([], [order.pk])


@pytest.mark.parametrize(
    "stored", ["+44 7700 900123", "07700 900123", "0044 (7700) 900-123", "07700900123", "+447700900123"]
)
def test_an_order_is_found_by_a_phone_number_however_it_is_written(stored: str) -> None:
    order = make_order(customer_phone=stored)
    delivered = make_order(customer_phone="", shipping_address={"phone": stored})
    make_order(customer_phone="+44 7700 900124", shipping_address={"phone": "+44 7700 900124"})

    for text in ("07700 900123", "+44 7700 900123", "900123", "7700-900-123"):
        assert search.find(text) == [order.pk, delivered.pk]


@pytest.mark.parametrize("text", ["20593", "#20593", "TR 20593", "tr20593", "#TR-20593", "TR-20593-R1", "tr 20593 r2"])
def test_an_order_is_named_in_full_by_what_a_caller_says_of_its_reference(text: str) -> None:
    order = make_order("TR-20593")
    make_order("TR-205931")
    make_order("X-2059")

    assert search.search(text).exactly == [order.pk]


@pytest.mark.parametrize("text", ["pi_3Qx", "PI_3QX7AB"])
def test_an_order_is_found_by_the_reference_of_its_payment(text: str) -> None:
    order = make_order(payment_reference="pi_3Qx7Ab")
    make_order(payment_reference="pi_9")

    assert search.find(text) == [order.pk]


def test_an_order_is_found_by_the_names_of_its_products_old_and_new() -> None:
    mine, other = make_seller(), make_seller()
    order = make_order(seller=mine, items=[("MUG", 1, 500)])
    theirs = make_order(seller=other, items=[("MUG", 1, 500)])
    OrderItem.objects.filter(order=order).update(name="Crème brûlée dish 8 cm")

    for text in ("creme brulee", "Brûlée dish", "dish 8 cm"):
        assert search.find(text) == [order.pk]
    assert search.find("mug") == [order.pk, theirs.pk]
    assert search.find("creme brulee", sellers=[other.pk]) == []


def test_the_words_of_a_product_are_stored_once_however_often_it_is_sold() -> None:
    seller = make_seller()
    for _ in range(3):
        make_order(seller=seller, items=[("MUG RED", 1, 500)])

    assert sorted(ProductWord.objects.values_list("word", flat=True)) == ["mug", "red"]


@pytest.mark.parametrize("text", ["lace", "ada hopper", "1A1AA", "'", "\\", "& | !", "!ada:*B hop", "a" * 200])
def test_what_no_word_begins_with_finds_nothing_and_breaks_nothing(text: str) -> None:
    make_order(customer_name="Ada Lovelace", shipping_address={"postcode": "SW1A 1AA"})
    make_order(customer_name="Grace Hopper", shipping_address={})

    assert search.find(text) == []


def test_a_name_that_changes_is_found_by_its_new_words_alone() -> None:
    order, other = make_order(customer_name="Ada Lovelace", payments=[]), make_order(customer_name="Ada King")
    seller = make_seller()

    Order.objects.filter(pk=order.pk).update(customer_name="Grace King", seller=seller)

    assert (search.find("lovelace"), search.find("grace"), search.find("king")) == (
        [],
        [order.pk],
        [order.pk, other.pk],
    )
    assert (search.find("king", sellers=[seller.pk]), search.find("ada k")) == ([order.pk], [other.pk])


def test_an_order_that_goes_takes_the_words_of_its_name_along() -> None:
    order = make_order(customer_name="Ada Lovelace", payments=[])
    OrderItem.objects.filter(order=order).delete()

    Order.objects.filter(pk=order.pk).delete()

    assert not SearchWord.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "Ada  Jean-Luc O'Brien",
        "d’Arc,Jeanne",
        "1. FC Köln (B2B)",
        "a\u00a0b–c",
        "Ödön von Horváth",
        "قاسم أحمد",
        "_%\\",
    ],
)
def test_the_database_takes_a_name_apart_as_the_search_takes_a_text_apart(name: str) -> None:
    order = make_order(customer_name=name)

    words = SearchWord.objects.filter(order=order).values_list("word", flat=True)
    asked = [word for word in search._BETWEEN.split(name) if word]
    assert set(words) == {_folded(word) for word in asked}


def test_of_a_name_too_common_to_show_them_all_the_newest_are_found() -> None:
    first = make_order("W-1", customer_name="Ada Smith")
    _copy(first, search.EACH + 1, customer_name="Bo Smith")

    found = search.search("smith")
    assert (first.pk in found.beginning, found.more) == (True, True)
    newest = Order.objects.latest("id").pk
    assert newest in found.beginning
    assert search.search("ada smith").beginning == [first.pk]


@pytest.mark.parametrize("text", ["w-55", "ADA@example.com", "wh-9", "mug", "n1 9gu", "N19GU"])
def test_what_a_text_names_in_full_goes_before_all_that_begins_so(text: str) -> None:
    order = make_order(
        "W-55",
        items=[("MUG", 1, 500)],
        customer_email="ada@example.com",
        shipping_address={"postcode": "N1 9GU"},
    )
    make_part(order, number="WH-9")
    other = make_order(
        "W-551",
        items=[("MUG-RED", 1, 500)],
        customer_email="ada@example.com.au",
        shipping_address={"postcode": "N1 9GUX"},
    )
    make_part(other, number="WH-90")

    found = search.search(text)
    assert (found.exactly, len(found.beginning), found.more) == ([order.pk], 2, False)


def test_only_orders_of_the_sellers_asked_for_are_found_whatever_names_them() -> None:
    mine, other = make_seller(), make_seller()
    for seller in (mine, other):
        make_order("W-1", seller=seller, customer_name="Ada", customer_email="ada@x.example", items=[("MUG", 1, 500)])
    order = Order.objects.get(seller=mine)

    for text in ("w-1", "ada", "ada@x.example", "mug"):
        assert search.find(text, sellers=[mine.pk]) == [order.pk]
    assert search.search("mug", sellers=[mine.pk]).exactly == [order.pk]
    assert search.find("mug", sellers=[]) == []


def test_the_only_order_that_is_exactly_this_opens_at_once_with_a_way_back_to_all_that_begin_so() -> None:
    order = make_order("W-55")
    make_order("W-551")
    client = login()

    answer = client.get(f"{reverse(LIST)}?q=w-55")

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("admin:orders_order_change", args=[order.pk])
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Opened the only exact match for “w-55”." in page
    assert f'href="{reverse(LIST)}?q=w-55&amp;begins=yes"' in page
    assert shown(client, "q=w-55&begins=yes") == ["W-551", "W-55"]


def test_several_that_are_exactly_this_are_shown_alone_and_say_so() -> None:
    make_order("W-55")
    make_order("W-55")
    make_order("W-551")
    client = login()

    assert shown(client, "q=w-55") == ["W-55", "W-55"]
    page = client.get(f"{reverse(LIST)}?q=w-55").content.decode()
    assert "Exact matches for “w-55”." in page
    assert "?q=w-55&amp;begins=yes" in page


def test_filters_come_before_what_is_exact() -> None:
    make_order("W-55")
    make_order("W-551", started=True)

    assert shown(login(), "q=w-55&status=processing") == ["W-551"]


def test_a_search_that_was_cut_off_says_so() -> None:
    _copy(make_order("W-1"), search.EACH + 1)
    client = login()

    assert len(search.find("x-")) == search.EACH + 1
    page = client.get(f"{reverse(LIST)}?q=x-").content.decode()
    assert "Too many orders match “x-”" in page
    assert "Too many" not in client.get(f"{reverse(LIST)}?q=x-10").content.decode()


def _folded(word: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT orders_fold(%s)", [word])
        return str(cursor.fetchone()[0])


def _copy(first: Order, times: int, customer_name: str = "") -> None:
    """Make many more orders like this one, X-0 and so on."""
    Order.objects.bulk_create(
        Order(
            seller=first.seller,
            channel=first.channel,
            reference=f"X-{n}",
            source="web",
            placed_at=first.placed_at,
            currency="GBP",
            customer_name=customer_name,
            total=0,
            total_paid=0,
            ordered_units=1,
            outstanding_units=1,
        )
        for n in range(times)
    )

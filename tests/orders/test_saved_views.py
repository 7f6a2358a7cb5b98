"""Do people keep lists as they like them: views of their own, shared ones, columns, rows on a page?"""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from orders.models import SavedView
from tests.builders import limit, make_order, make_seller, make_staff

pytestmark = pytest.mark.django_db
LIST = "admin:orders_order_changelist"
VIEW, SHARE = "orders.view_order", "orders.share_view"


def login(name: str, *permissions: str) -> Client:
    client = Client()
    client.force_login(make_staff(name, permissions=[VIEW, *permissions]))
    return client


def keep(client: Client, asked: str, name: str, **said: str) -> str:
    answer = client.post(reverse("admin:orders_order_keep"), {"asked": asked, "name": name, **said})
    assert answer.status_code == 302
    return answer.headers["Location"]


def page(client: Client, query: str = "view=all") -> str:
    answer = client.get(f"{reverse(LIST)}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def tabs(text: str) -> list[str]:
    nav = re.search(r'<nav aria-label="Views">(.*?)</nav>', text, re.DOTALL)
    assert nav is not None
    return re.findall(r"<bdi>(.*?)</bdi>", nav[1])


def heads(text: str) -> list[str]:
    return re.findall(r'<th scope="col">(.*?)</th>', text)


BUILT_IN = ["All", "Open", "Late", "Short-shipped", "On hold", "Needs attention"]


def test_what_is_chosen_is_kept_under_a_name_and_opens_again() -> None:
    make_order("W-1", on_hold=True, held_because="Fraud?")
    make_order("W-2")
    client = login("anna")

    where = keep(client, "hold=us&sort=oldest&nonsense=1&after=5", "  Held by   me ")

    view = SavedView.objects.get()
    assert (view.of, view.name, view.shared) == ("orders.order", "Held by me", False)
    assert view.asked == {"hold": "us", "sort": "oldest"}
    assert where == f"{reverse(LIST)}?view={view.pk}&hold=us&sort=oldest"
    text = client.get(where).content.decode()
    assert tabs(text) == [*BUILT_IN, "Held by me"]
    assert re.findall(r">(W-\d)</a>", text) == ["W-1"]
    assert re.search(r'aria-current="page">\s*<bdi>Held by me</bdi>', text)
    assert tabs(page(login("bob"))) == BUILT_IN


def test_a_view_is_changed_in_place_renamed_and_deleted() -> None:
    client = login("anna")
    keep(client, "hold=us", "Mine")
    view = SavedView.objects.get()

    assert "This view (changed)" in page(client, f"view={view.pk}&hold=any")
    keep(client, f"view={view.pk}&hold=any", "Ours", instead="yes")

    view.refresh_from_db()
    assert (view.name, view.asked) == ("Ours", {"hold": "any"})
    assert "“Ours”" not in page(login("bob"))
    client.post(reverse("admin:orders_order_columns"), {"asked": "", "opens_with": view.pk, "size": "100"})
    client.post(reverse("admin:orders_order_forget", args=[view.pk]))
    assert not SavedView.objects.filter(pk=view.pk).exists()
    assert client.get(reverse(LIST)).status_code == 200


def test_sharing_needs_its_right_and_only_who_may_share_changes_what_is_shared() -> None:
    anna, bob = login("anna", SHARE), login("bob")

    keep(bob, "hold=us", "Bob's", shared="yes")
    assert SavedView.objects.count() == 0

    keep(anna, "hold=us", "Everybody's", shared="yes")
    view = SavedView.objects.get()
    assert tabs(page(bob))[-1] == "Everybody&#x27;s"
    keep(bob, f"view={view.pk}&hold=any", "Stolen", instead="yes")
    bob.post(reverse("admin:orders_order_forget", args=[view.pk]))
    bob.post(reverse("admin:orders_order_columns"), {"asked": f"view={view.pk}&hold=us", "column": ["reference"]})

    kept = SavedView.objects.get(pk=view.pk)
    assert (kept.name, kept.asked, kept.columns) == ("Everybody's", {"hold": "us"}, view.columns)
    assert "Only the person who shared this view can delete it." in page(bob)


def test_a_view_of_somebody_else_is_not_found() -> None:
    keep(login("anna"), "hold=us", "Mine")

    assert login("bob").post(reverse("admin:orders_order_forget", args=[SavedView.objects.get().pk])).status_code == 404
    assert SavedView.objects.count() == 1


def test_a_shared_view_of_another_seller_is_hidden_from_who_is_limited() -> None:
    mine, other = make_seller("mine"), make_seller("secret-brand")
    make_order("W-1", seller=mine)
    make_order("W-2", seller=other)
    anna, bob = login("anna", SHARE), login("bob")
    keep(anna, f"seller={other.pk}", "Secret brand", shared="yes")
    keep(anna, f"seller={mine.pk}", "My brand", shared="yes")
    limit(User.objects.get(username="bob"), mine)
    secret = SavedView.objects.get(name="Secret brand")

    assert tabs(page(bob)) == [*BUILT_IN, "My brand"]
    text = page(bob, f"view={secret.pk}&seller={other.pk}")
    assert re.findall(r">(W-\d)</a>", text) == ["W-1"]
    assert "ecret" not in text


def test_columns_size_and_opening_are_each_persons_own() -> None:
    for n in range(30):
        make_order(f"W-{n}", on_hold=n == 7, held_because="Why?" if n == 7 else "")
    anna, bob = login("anna"), login("bob")
    before = heads(page(bob))

    anna.post(
        reverse("admin:orders_order_columns"),
        {
            "asked": "",
            "column": ["email", "reference", "nonsense", "state", "email"],
            "size": "25",
            "opens_with": "held",
        },
    )

    text = page(anna)
    assert heads(text) == ["Reference", "E-mail", "Status"]
    assert text.count('<th scope="row">') == 25
    assert anna.get(reverse(LIST)).headers["Location"] == f"{reverse(LIST)}?view=held&hold=any"
    assert heads(page(bob)) == before
    anna.post(reverse("admin:orders_order_columns"), {"asked": "", "standard": "yes", "opens_with": "all"})
    assert heads(page(anna)) == before
    assert anna.get(reverse(LIST)).status_code == 200


def test_a_view_keeps_its_columns_whatever_the_list_shows() -> None:
    make_order("W-1")
    client = login("anna")
    columns = reverse("admin:orders_order_columns")
    client.post(columns, {"asked": "", "column": ["email"]})
    keep(client, "status=open", "With mail")
    view = SavedView.objects.get(name="With mail")

    client.post(columns, {"asked": "", "column": ["country"]})

    assert heads(page(client)) == ["Reference", "Country"]
    assert heads(page(client, f"view={view.pk}&status=open")) == ["Reference", "E-mail"]
    client.post(columns, {"asked": f"view={view.pk}&status=open", "column": ["postcode"]})
    assert heads(page(client, f"view={view.pk}&status=open")) == ["Reference", "Postcode"]
    assert heads(page(client)) == ["Reference", "Country"]


@pytest.mark.parametrize("name", ["", "   "])
def test_a_view_without_a_name_is_refused(name: str) -> None:
    client = login("anna")

    keep(client, "hold=us", name)

    assert SavedView.objects.count() == 0
    assert "Give the view a name." in page(client)


def test_other_lists_have_views_too() -> None:
    client = login("anna", "orders.view_attentionitem")
    answer = client.post(
        reverse("admin:orders_attentionitem_keep"), {"asked": "state=&kind=unknown_sku", "name": "SKUs"}
    )

    view = SavedView.objects.get()
    assert (view.of, view.asked) == ("orders.attentionitem", {"state": "", "kind": "unknown_sku"})
    assert tabs(client.get(answer.headers["Location"]).content.decode()) == ["Open", "Closed", "All", "SKUs"]


def test_nobody_keeps_views_of_a_list_that_they_may_not_see() -> None:
    client = Client()
    client.force_login(make_staff("nobody"))

    for name in ("keep", "columns"):
        assert client.post(reverse(f"admin:orders_order_{name}"), {"name": "x", "asked": ""}).status_code == 403
        assert client.get(reverse(f"admin:orders_order_{name}")).status_code == 405
    assert SavedView.objects.count() == 0

"""Do notes, tags and files stay on an order, with who and when, and is what harms kept away?"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.actions import attach, tag
from orders.actions.file_types import clean_name, kind_of
from orders.models import Order, OrderFile, Person, Tag
from tests.builders import make_order, make_seller, make_staff
from tests.orders.pressing import login, page, press
from tests.refunds.people import kinds
from tests.refunds.racing import race
from tests.refusals import refused

pytestmark = pytest.mark.django_db

MAY = "orders.annotate_order"
PDF = b"%PDF-1.7\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def upload(client: Client, order: Order, name: str, content: bytes) -> list[str]:
    return press(client, order, "attach", file=SimpleUploadedFile(name, content))


def test_a_note_stays_on_the_timeline_with_its_writer() -> None:
    order, client = make_order("W-1"), login(MAY)

    assert press(client, order, "note", note=" Called <b>twice</b>.\nNo answer. ") == ["Note added."]

    noted = order.events.get()
    assert (noted.kind, noted.actor, noted.data) == (
        "order.noted",
        "staff:anna",
        {"note": "Called <b>twice</b>.\nNo answer."},
    )
    shown = page(client, order)
    assert shown.count("Called &lt;b&gt;twice&lt;/b&gt;.\nNo answer.") == 2


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("  ", "Enter a note."),
        ("x" * 5001, "Ensure this value has at most 5000 characters (it has 5001)."),
    ],
)
def test_an_empty_note_and_one_without_end_are_refused(note: str, told: str) -> None:
    order = make_order("W-1")

    assert press(login(MAY), order, "note", note=note) == [told]
    assert kinds(order) == []


def test_a_tag_is_put_on_once_in_any_case_and_taken_off() -> None:
    order, client = make_order("W-1"), login(MAY)

    assert press(client, order, "tag", tag=" call   back ") == ["W-1 is tagged call back."]
    assert press(client, order, "tag", tag="Call Back") == ["W-1 is tagged call back."]
    tag = Tag.objects.get()
    assert 'href="/admin/orders/order/?tag=call%20back"' in page(client, order)
    assert press(client, order, "untag", which=tag.pk) == ["W-1 is no longer tagged call back."]
    assert press(client, order, "untag", which=tag.pk) == ["W-1 does not have this tag any more."]

    assert kinds(order) == ["order.tagged", "order.untagged"]
    assert not order.tagged.exists()


def test_tags_are_offered_within_their_seller_and_found_in_the_list() -> None:
    one, foreign = make_order("W-1"), make_order("X-1")
    other = make_order("W-2", seller=one.seller)
    tag.tag(one.pk, "vip", actor="staff:x")
    tag.tag(foreign.pk, "secret", actor="staff:x")
    client = login(MAY)
    Person.objects.create(user=User.objects.get(username="anna")).sellers.add(one.seller)

    shown = page(client, other)
    listed = client.get(reverse("admin:orders_order_changelist") + "?tag=vip").content.decode()

    assert '<option value="vip">' in shown
    assert "secret" not in shown
    assert "W-1" in listed
    assert "W-2" not in listed
    assert "secret" not in listed


def test_an_order_carries_twenty_tags_at_most() -> None:
    order = make_order("W-1")
    for n in range(20):
        tag.tag(order.pk, f"t{n}", actor="staff:x")

    with refused("too_many_tags"):
        tag.tag(order.pk, "more", actor="staff:x")

    assert order.tagged.count() == 20


@pytest.mark.django_db(transaction=True)
def test_two_people_who_make_the_same_tag_at_once_make_one() -> None:
    seller = make_seller("acme")
    orders = [make_order(f"W-{n}", seller=seller) for n in range(2)]

    race(*[lambda order=order: tag.tag(order.pk, "vip", actor="staff:x") for order in orders])

    assert list(Tag.objects.values_list("name", flat=True)) == ["vip"]
    assert [order.tagged.count() for order in orders] == [1, 1]


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        ("SKU,units\nTEE,2 é\n".encode(), "text/plain"),
        (b"<html><script>", None),
        (b"\xef\xbb\xbf  <svg onload=x>", None),
        (b"MZ\x90\0", None),
        (b"PK\x03\x04", None),
        (b"a\0b", None),
        (b"\xff\xfe", None),
    ],
)
def test_what_a_file_is_is_said_by_its_content(content: bytes, media: str | None) -> None:
    kind = kind_of(content)

    assert (kind.media if kind else None) == media


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("Invoice.PDF", "Invoice.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\scan.pdf", "scan.pdf"),
        ("run.exe", "run.exe.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ('a"b\r\nX: y.pdf', "a_bX_ y.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 114 + ".pdf"),
        ("faktura ż 請求書.pdf", "faktura ż 請求書.pdf"),
    ],
)
def test_a_name_hides_nothing_and_ends_as_its_content_says(name: str, kept: str) -> None:
    kind = kind_of(PDF)
    assert kind is not None

    assert clean_name(name, kind) == kept


def test_a_file_is_kept_and_comes_back_to_be_saved_never_to_be_shown() -> None:
    order, client = make_order("W-1"), login(MAY)

    assert upload(client, order, "réçu.png", PNG) == ["File réçu.png added."]

    file = OrderFile.objects.get()
    address = reverse("admin:orders_order_file", args=[order.pk, file.pk])
    assert address in page(client, order)
    answer = client.get(address)
    assert answer.content == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''r%C3%A9%C3%A7u.png"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    added = order.events.get()
    assert (added.kind, added.actor, added.data["file"], added.data["size"]) == (
        "order.file_added",
        "staff:anna",
        "réçu.png",
        28,
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.pdf", b"", "The file is empty."),
        ("x.pdf", b"%PDF-" + bytes(attach.MOST_BYTES), "The file is larger than 5 MB."),
        ("x.pdf", b"<script>alert(1)</script>", "File type not allowed."),
        ("x.pdf", PDF, "W-1 has this file already, as first.pdf."),
    ],
)
def test_a_file_that_may_not_be_kept_is_refused(name: str, content: bytes, told: str) -> None:
    order, client = make_order("W-1"), login(MAY)
    upload(client, order, "first.pdf", PDF)

    assert upload(client, order, name, content)[0].startswith(told)

    assert list(OrderFile.objects.values_list("name", flat=True)) == ["first.pdf"]
    assert kinds(order) == ["order.file_added"]


def test_deleting_a_file_is_for_managers_and_stays_on_record() -> None:
    order, client = make_order("W-1"), login(MAY)
    upload(client, order, "first.pdf", PDF)
    file = OrderFile.objects.get()
    discard = reverse("admin:orders_order_do", args=[order.pk, "discard"])

    assert "Delete…" not in page(client, order)
    assert client.post(discard, {"which": file.pk}).status_code == 403
    assert OrderFile.objects.count() == 1

    client.force_login(make_staff("mia", "Manager"))
    assert "The file is deleted for good." in page(client, order)
    assert press(client, order, "discard", which=file.pk) == ["File first.pdf deleted."]
    assert press(client, order, "discard", which=file.pk) == ["W-1 does not have this file any more."]
    deleted = order.events.order_by("id").last()
    assert deleted is not None
    assert (deleted.kind, deleted.actor, deleted.data["file"]) == ("order.file_deleted", "staff:mia", "first.pdf")
    assert not OrderFile.objects.exists()


def other(order: Order, client: Client) -> dict[str, Any]:
    """The addresses of an order for somebody who may not see its seller."""
    Person.objects.create(user=User.objects.get(username="anna")).sellers.add(make_seller("own"))
    file = OrderFile.objects.get(order=order)
    return {
        "file": client.get(reverse("admin:orders_order_file", args=[order.pk, file.pk])),
        "timeline": client.get(reverse("admin:orders_order_change", args=[order.pk]), headers={"X-Part": "timeline"}),
        "note": client.post(reverse("admin:orders_order_do", args=[order.pk, "note"]), {"note": "x"}),
        "tag": client.post(reverse("admin:orders_order_do", args=[order.pk, "tag"]), {"tag": "x"}),
    }


def test_whoever_may_not_see_the_seller_finds_none_of_it() -> None:
    order, client = make_order("W-1"), login(MAY)
    upload(client, order, "first.pdf", PDF)

    assert {name: answer.status_code for name, answer in other(order, client).items()} == dict.fromkeys(
        ("file", "timeline", "note", "tag"), 404
    )
    assert kinds(order) == ["order.file_added"]


def test_a_file_belongs_to_its_order_s_address_alone() -> None:
    order, another, client = make_order("W-1"), make_order("W-2"), login(MAY)
    upload(client, order, "first.pdf", PDF)

    address = reverse("admin:orders_order_file", args=[another.pk, OrderFile.objects.get().pk])

    assert client.get(address).status_code == 404
    client.force_login(make_staff("nobody"))
    assert client.get(reverse("admin:orders_order_file", args=[order.pk, 1])).status_code == 403


@pytest.mark.parametrize("verb", ["note", "tag", "untag", "attach"])
def test_who_may_only_look_puts_nothing_on(verb: str) -> None:
    order, client = make_order("W-1"), login()

    answer = client.post(reverse("admin:orders_order_do", args=[order.pk, verb]), {"note": "x", "tag": "x", "which": 1})

    assert answer.status_code == 403
    assert kinds(order) == []

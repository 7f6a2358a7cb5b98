"""May managers look after people, and nobody give more than they have?"""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from hemi_intake.roles import ROLES
from hemi_intake.staff import accounts
from orders.models import Person
from tests.builders import PASSWORD, limit, make_seller, make_staff
from tests.refusals import refused
from tests.stale import opened

pytestmark = pytest.mark.django_db

NEW = "a quite new password"


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def role(name: str) -> str:
    return str(Group.objects.get(name=name).pk)


def filled(**told: Any) -> dict[str, Any]:
    return {"first_name": "Ben", "last_name": "", "email": "", "role": "", "sellers": [], "time_zone": ""} | told


def edit(client: Client, person: User, **told: Any) -> Any:
    address = reverse("admin:auth_user_edit", args=[person.pk])
    return client.post(address, filled(**told) | opened(client, address))


def press(client: Client, person: User, button: str, **told: Any) -> Any:
    return client.post(reverse("admin:auth_user_do", args=[person.pk, button]), told)


def records(person: User) -> list[tuple[str, str]]:
    rows = LogEntry.objects.filter(object_id=str(person.pk)).order_by("pk")
    return [(row.user.get_username(), row.get_change_message()) for row in rows]


def state(person: User) -> tuple[Any, ...]:
    now = User.objects.get(pk=person.pk)
    sellers = list(Person.objects.filter(user=now).values_list("sellers", flat=True))
    return now.password, now.is_active, now.is_superuser, list(now.groups.values_list("name", flat=True)), sellers


def test_an_administrator_adds_a_person_who_may_log_in() -> None:
    north = make_seller("north")
    client = login(make_staff("anna", "Administrator"))

    answer = client.post(
        reverse("admin:auth_user_add"),
        filled(username="ben", password=NEW, role=role("Reviewer"), sellers=[north.pk], time_zone="Asia/Tokyo"),
    )

    ben = User.objects.get(username="ben")
    assert answer.headers["Location"] == reverse("admin:auth_user_change", args=[ben.pk])
    assert (ben.is_staff, ben.is_superuser, accounts.role_of(ben)) == (True, False, Group.objects.get(name="Reviewer"))
    assert list(Person.objects.get(user=ben).sellers.all()) == [north]
    assert records(ben) == [("anna", "Added. name: Ben; role: Reviewer; sellers: north; time zone: Asia/Tokyo")]
    assert Client().post(reverse("admin:login"), {"username": "ben", "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"username": "ANNA", "password": NEW}, "This user name is taken."),
        ({"username": "ben", "password": "ben"}, "This password is too short."),
        ({"username": "ben", "password": NEW, "time_zone": "Mars/Base"}, "Select a valid choice."),
        ({"username": "ben", "password": NEW, "role": "999"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_adds_nobody(told: dict[str, str], said: str) -> None:
    client = login(make_staff("anna", "Administrator"))

    answer = client.post(reverse("admin:auth_user_add"), filled(**told))

    assert said in answer.content.decode()
    assert list(User.objects.values_list("username", flat=True)) == ["anna"]
    assert not LogEntry.objects.exists()


def test_each_change_is_on_record_with_what_it_was_and_what_it_is() -> None:
    north = make_seller("north")
    ben = make_staff("ben", "Viewer", first_name="Ben")
    client = login(make_staff("anna", "Administrator"))

    edit(client, ben, role=role("Approver"), sellers=[north.pk])
    edit(client, ben, role=role("Approver"), sellers=[north.pk])
    press(client, ben, "off")
    press(client, ben, "on")
    press(client, ben, "password", password=NEW)

    assert records(ben) == [
        ("anna", "role: Viewer → Approver; sellers: – → north"),
        ("anna", "Deactivated"),
        ("anna", "Reactivated"),
        ("anna", "Password reset"),
    ]
    page = client.get(reverse("admin:auth_user_change", args=[ben.pk])).content.decode()
    assert "role: Viewer → Approver" in page
    assert NEW not in page


@pytest.mark.parametrize("which", ["superuser", "self", "more rights"])
def test_an_administrator_touches_no_superuser_nobody_beyond_the_roles_and_not_themselves(which: str) -> None:
    anna = make_staff("anna", "Administrator")
    person = {
        "superuser": lambda: make_staff("root", is_superuser=True),
        "self": lambda: anna,
        "more rights": lambda: make_staff("eve", permissions=["auth.delete_user"]),
    }[which]()
    client, before = login(anna), state(person)

    answers = [edit(client, person, role=role("Manager")).status_code]
    answers += [press(client, person, button, password=NEW).status_code for button in ("off", "password", "unlock")]

    assert state(person) == before
    assert answers[0] == 403
    assert not LogEntry.objects.exists()
    page = client.get(reverse("admin:auth_user_change", args=[person.pk])).content.decode()
    assert reverse("admin:auth_user_edit", args=[person.pk]) not in page


def test_nothing_posted_makes_a_superuser() -> None:
    ben = make_staff("ben", "Viewer")
    client = login(make_staff("anna", "Administrator"))

    edit(client, ben, role=role("Manager"), is_superuser="on", is_staff="on", user_permissions=["1"])

    ben.refresh_from_db()
    assert (ben.is_superuser, ben.user_permissions.count()) == (False, 0)
    assert accounts.role_of(ben) == Group.objects.get(name="Manager")


def test_an_administrator_gives_every_role_and_none_with_rights_beyond_them() -> None:
    anna, ben = make_staff("anna", "Administrator"), make_staff("ben")
    Group.objects.create(name="Everything").permissions.add(Permission.objects.get(codename="delete_user"))
    client, before = login(anna), state(ben)

    assert [group.name for group in accounts.roles(anna)] == [*ROLES]
    assert edit(client, ben, role=role("Approver")).status_code == 302
    assert edit(client, ben).status_code == 302
    answer = edit(client, ben, role=role("Everything"))
    assert "Select a valid choice." in answer.content.decode()
    wish = accounts.AccountSpec("Ben", "", "", Group.objects.get(name="Everything"), (), "")
    with refused("not_your_role"):
        accounts.change(ben, wish, by=anna)
    assert state(ben)[:4] == before[:4]


def test_a_limited_administrator_sees_and_makes_only_people_within_their_sellers() -> None:
    north, south = make_seller("north"), make_seller("south")
    anna = limit(make_staff("anna", "Administrator"), north)
    mine = limit(make_staff("mine", "Viewer"), north)
    others = [
        limit(make_staff("both", "Viewer"), north, south),
        limit(make_staff("theirs", "Viewer"), south),
        make_staff("everything", "Viewer"),
        make_staff("root", is_superuser=True),
    ]
    client = login(anna)

    listed = client.get(reverse("admin:auth_user_changelist")).content.decode()
    assert [name for name in ("anna", "mine", "both", "theirs", "everything", "root") if f">{name}<" in listed] == [
        "anna",
        "mine",
    ]
    for person in others:
        before = state(person)
        assert client.get(reverse("admin:auth_user_change", args=[person.pk])).status_code == 404
        assert edit(client, person, sellers=[north.pk]).status_code == 404
        assert press(client, person, "off").status_code == 404
        assert state(person) == before

    before = state(mine)
    for sellers in ([], [south.pk], [north.pk, south.pk]):
        assert edit(client, mine, role=role("Viewer"), sellers=sellers).status_code == 200
        assert state(mine) == before
    wish = accounts.AccountSpec("", "", "", None, [south], "")
    with refused("sellers_required"):
        accounts.add("eve", NEW, wish, by=User.objects.get(pk=anna.pk))
    assert not User.objects.filter(username="eve").exists()
    assert edit(client, mine, role=role("Approver"), sellers=[north.pk]).status_code == 302


def test_only_administrators_open_the_pages_of_people() -> None:
    ben = make_staff("ben", "Viewer")
    for name in ("Viewer", "Reviewer", "Approver", "Manager"):
        client, before = login(make_staff(f"a-{name}", name)), state(ben)
        sees = client.get(reverse("admin:auth_user_changelist")).status_code
        assert sees == (200 if name == "Manager" else 403)
        assert client.post(reverse("admin:auth_user_add"), filled(username="x", password=NEW)).status_code == 403
        assert edit(client, ben, role=role("Manager")).status_code in (403, 404)
        assert press(client, ben, "off").status_code == 403
        assert state(ben) == before


@pytest.mark.parametrize("button", ["off", "password"])
def test_sessions_end_with_the_account_and_with_the_password(button: str) -> None:
    ben, client = make_staff("ben", "Viewer"), Client()
    client.post(reverse("admin:login"), {"username": "ben", "password": PASSWORD})
    assert client.get(reverse("admin:index")).status_code == 200

    press(login(make_staff("anna", "Administrator")), ben, button, password=NEW)

    assert client.get(reverse("admin:index")).status_code == 302


def test_my_settings_keep_the_time_zone_and_nothing_else() -> None:
    north = make_seller("north")
    ben = limit(make_staff("ben", "Viewer"), north)
    client = login(ben)

    page = client.get(reverse("admin:mine")).content.decode()
    answer = client.post(reverse("admin:mine"), {"time_zone": "Asia/Tokyo", "role": role("Manager"), "sellers": []})

    assert "Viewer" in page
    assert answer.status_code == 302
    row = Person.objects.get(user=ben)
    assert (row.time_zone, list(row.sellers.all())) == ("Asia/Tokyo", [north])
    assert accounts.role_of(ben) == Group.objects.get(name="Viewer")
    refused = client.post(reverse("admin:mine"), {"time_zone": "Mars/Base"})
    assert "Select a valid choice." in refused.content.decode()
    assert Person.objects.get(user=ben).time_zone == "Asia/Tokyo"
    assert records(ben) == [("ben", "time zone: – → Asia/Tokyo")]
    client.post(reverse("admin:mine"), {"time_zone": "Asia/Tokyo"})
    assert len(records(ben)) == 1


def test_whoever_knows_their_password_changes_it_on_record() -> None:
    ben = make_staff("ben", "Viewer")
    client, address = login(ben), reverse("admin:password_change")
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    refused = client.post(address, sent | {"old_password": "wrong"}).content.decode()
    assert "Your old password was entered incorrectly." in refused
    assert User.objects.get(pk=ben.pk).check_password(PASSWORD)
    assert records(ben) == []

    answer = client.post(address, sent, follow=True)
    assert answer.redirect_chain == [(reverse("admin:mine"), 302)]
    assert "Password changed." in answer.content.decode()
    assert User.objects.get(pk=ben.pk).check_password(NEW)
    assert records(ben) == [("ben", "Changed their own password")]
    assert client.get(reverse("admin:password_change_done")).headers["Location"] == reverse("admin:mine")

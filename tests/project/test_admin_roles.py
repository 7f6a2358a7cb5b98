"""What may each role do, and does the admin stand without its theme?"""

import subprocess
import sys

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from hemi_intake import roles

WITHOUT_THEME = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
from tests import settings
settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.startswith("unfold")]
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check")
print(Client(SERVER_NAME="localhost").get("/admin/login/").status_code)
"""


def granted(role: str) -> set[str]:
    rows = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.mark.django_db
def test_each_role_may_what_a_reviewer_or_viewer_may_and_more() -> None:
    viewer, reviewer, approver, manager, administrator = (granted(role) for role in roles.ROLES)

    assert {permission.partition(".")[2].partition("_")[0] for permission in viewer} == {"view"}
    assert reviewer - viewer == {
        "integrations.accept_discrepancy",
        "orders.annotate_order",
        "orders.cancel_order",
        "orders.close_attention",
        "orders.export_order",
        "orders.hold_order",
        "refunds.propose_refund",
        "refunds.reject_refund",
    }
    mapping = {"orders.add_skumapping", "orders.change_skumapping"}
    own = {"refunds.approve_refund", "refunds.confirm_change", "refunds.settle_refund", "refunds.stop_sending"}
    assert approver - reviewer == mapping | own
    assert viewer < reviewer < approver
    assert reviewer < manager
    assert viewer < administrator


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(roles.ROLES))
def test_no_role_holds_two_of_money_settings_and_people(role: str) -> None:
    money = {"refunds.approve_refund", "refunds.settle_refund"}
    settings = {"refunds.change_refundlimit", "refunds.lift_ceiling", "integrations.add_apikey"}
    people = {"auth.add_user", "auth.change_user"}

    held = [area for area in (money, settings, people) if granted(role) & area]

    assert len(held) <= 1
    assert role in ("Viewer", "Reviewer") or held[0] <= granted(role)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(roles.ROLES))
def test_no_role_may_touch_what_the_verbs_keep(role: str) -> None:
    kept = ("order", "orderitem", "orderevent", "shipment", "refund", "refunditem", "refundattempt", "archivedmessage")
    forbidden = {f"{act}_{model}" for act in ("add", "change", "delete") for model in kept}

    codenames = {permission.partition(".")[2] for permission in granted(role)}

    assert codenames & forbidden == set()
    assert [permission for permission in granted(role) if permission.startswith(("django_q.", "axes."))] == []


@pytest.mark.django_db
def test_applying_the_roles_again_restores_the_table_and_says_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    before = {name: granted(name) for name in roles.ROLES}
    reviewer = Group.objects.get(name="Reviewer")
    reviewer.permissions.remove(Permission.objects.get(codename="close_attention"))
    reviewer.permissions.add(Permission.objects.get(codename="delete_order"))

    call_command("apply_roles")
    first = capsys.readouterr().out.splitlines()
    call_command("apply_roles")

    assert {name: granted(name) for name in roles.ROLES} == before
    assert first == ["Reviewer: granted orders.close_attention", "Reviewer: revoked orders.delete_order"]
    assert capsys.readouterr().out.splitlines() == ["The roles are what they should be."]


@pytest.mark.django_db
def test_a_group_that_is_no_role_is_left_alone() -> None:
    own = Group.objects.create(name="Auditors")
    own.permissions.add(Permission.objects.get(codename="view_order"))

    roles.apply_roles()

    assert granted("Auditors") == {"orders.view_order"}


@pytest.mark.django_db
def test_a_permission_that_no_model_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.ROLES, "Manager", ("orders.fly_order",))
    before = granted("Manager")

    with pytest.raises(roles.UnknownPermission) as refusal:
        roles.apply_roles()
    with pytest.raises(CommandError, match="no such permission"):
        call_command("apply_roles")

    assert refusal.value.code == "unknown_permission"
    assert granted("Manager") == before


def test_the_admin_starts_without_its_theme() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_THEME], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["200"]), done.stderr

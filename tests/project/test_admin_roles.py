"""What may each role do, and does the admin stand without its theme?"""

import subprocess
import sys
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

roles = import_module("hemi_intake.migrations.0001_groups")

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
def test_each_role_may_what_the_one_before_may_and_more() -> None:
    viewer, reviewer, approver, manager = (granted(role) for role in ("Viewer", "Reviewer", "Approver", "Manager"))

    assert {permission.partition(".")[2].partition("_")[0] for permission in viewer} == {"view"}
    assert reviewer - viewer == {
        "integrations.take_theirs",
        "orders.annotate_order",
        "orders.cancel_order",
        "orders.close_attention",
        "orders.export_order",
        "orders.hold_order",
        "refunds.propose_refund",
        "refunds.reject_refund",
    }
    assert approver - reviewer == {"refunds.approve_refund", "refunds.settle_refund"}
    assert viewer < reviewer < approver < manager


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["Viewer", "Reviewer", "Approver", "Manager"])
def test_no_role_may_touch_what_the_verbs_keep(role: str) -> None:
    kept = ("order", "orderitem", "orderevent", "shipment", "refund", "refunditem", "refundattempt", "archivedmessage")
    forbidden = {f"{act}_{model}" for act in ("add", "change", "delete") for model in kept}

    codenames = {permission.partition(".")[2] for permission in granted(role)}

    assert codenames & forbidden == set()
    assert [permission for permission in granted(role) if permission.startswith(("django_q.", "axes."))] == []


@pytest.mark.django_db
def test_making_the_roles_again_gives_back_what_was_taken_and_takes_nothing() -> None:
    before = {name: granted(name) for name in roles.ROLES}
    close = Permission.objects.get(codename="close_attention")
    Group.objects.get(name="Reviewer").permissions.remove(close)

    with connection.schema_editor() as editor:
        roles.make_roles(apps, editor)

    assert {name: granted(name) for name in roles.ROLES} == before


def test_the_admin_starts_without_its_theme() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_THEME], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["200"]), done.stderr

"""Who may see a seller's refund policy and the numbers, edit it, and lift its ceiling? (instead of approval limits)"""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")

VIEW = (
    "refunds.view_refundpolicy",
    "refunds.view_refundlimit",
    "refunds.view_reasonwords",
    "refunds.view_ceilinglift",
)
MANAGE = (
    "refunds.add_refundpolicy",
    "refunds.change_refundpolicy",
    "refunds.add_refundlimit",
    "refunds.change_refundlimit",
    "refunds.delete_refundlimit",
    "refunds.add_reasonwords",
    "refunds.change_reasonwords",
    "refunds.delete_reasonwords",
    "refunds.lift_ceiling",
)
GRANTED = {"Viewer": VIEW, "Reviewer": VIEW, "Approver": VIEW, "Manager": VIEW + MANAGE}


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant what is listed, and forget the rights of the model that is gone."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, granted in GRANTED.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[label] for label in granted))
    stale = {"content_type__app_label": "refunds", "codename__endswith": "_approvallimit"}
    apps.get_model("auth", "Permission").objects.using(alias).filter(**stale).delete()


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0001_groups"), ("refunds", "0003_policies")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

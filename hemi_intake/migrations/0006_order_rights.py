"""Who may hold and cancel orders, and put notes, tags and files on them?"""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")

ACT = ("orders.hold_order", "orders.cancel_order", "orders.annotate_order")


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant what is listed to all but viewers."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name in ("Reviewer", "Approver", "Manager"):
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[label] for label in ACT))


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0005_webhook_rights"), ("orders", "0011_acts")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

"""Who may export orders with their customers' data? All but viewers."""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")

EXPORT = ("orders.export_order",)


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant what is listed."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name in ("Reviewer", "Approver", "Manager"):
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[label] for label in EXPORT))


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0009_file_rights"), ("orders", "0022_exports")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

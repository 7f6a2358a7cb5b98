"""Who may delete a file from an order? Managers; it stays on record that it was there."""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant it."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name="Manager")
    group.permissions.add(permissions["orders.delete_orderfile"])


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0008_people_rights"), ("orders", "0020_tags_and_files")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

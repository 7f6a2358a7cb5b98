"""Who may look after people, and see who did what? Managers."""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")

MANAGE = ("auth.add_user", "auth.change_user", "orders.view_activity")


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant what is listed."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name="Manager")
    group.permissions.add(*(permissions[label] for label in MANAGE))


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0007_list_rights"), ("orders", "0019_activity")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

"""Who may see the news of payment providers?"""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")

VIEW = ("integrations.view_providerevent", "integrations.view_refusednews")


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant what is listed to everybody who has a role."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name in roles.ROLES:
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[label] for label in VIEW))


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0003_warehouse_rights"), ("integrations", "0005_providers")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

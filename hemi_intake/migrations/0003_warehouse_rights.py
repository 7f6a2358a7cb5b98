"""Who may see where ProSKU and we disagree, and take its side?"""

from importlib import import_module
from typing import Any

from django.db import migrations

roles = import_module("hemi_intake.migrations.0001_groups")

VIEW = ("integrations.view_disagreement",)
DECIDE = ("integrations.take_theirs",)
GRANTED = {"Viewer": VIEW, "Reviewer": VIEW + DECIDE, "Approver": VIEW + DECIDE, "Manager": VIEW + DECIDE}


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant what is listed."""
    alias = schema_editor.connection.alias
    permissions = roles._permissions(apps, alias)  # noqa: SLF001 - made for this
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, granted in GRANTED.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[label] for label in granted))


class Migration(migrations.Migration):
    dependencies = [("hemi_intake", "0002_policy_rights"), ("integrations", "0003_watch")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

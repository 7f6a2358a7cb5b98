"""The four roles and what each may do. Running it again gives back what was taken from a role, and takes nothing."""

from typing import Any

from django.db import migrations

VIEW = (
    "orders.view_seller",
    "orders.view_saleschannel",
    "orders.view_order",
    "orders.view_orderitem",
    "orders.view_shipment",
    "orders.view_shipmentitem",
    "orders.view_orderevent",
    "orders.view_attentionitem",
    "refunds.view_refund",
    "refunds.view_refunditem",
    "refunds.view_refundattempt",
    "refunds.view_approvallimit",
    "integrations.view_proskuconnector",
    "integrations.view_proskuseller",
    "integrations.view_statusword",
    "integrations.view_syncrun",
    "integrations.view_archivedmessage",
)
REVIEW = ("refunds.reject_refund", "refunds.propose_refund", "orders.close_attention")
APPROVE = ("refunds.approve_refund", "refunds.settle_refund")
MANAGE = (
    "integrations.add_proskuconnector",
    "integrations.change_proskuconnector",
    "integrations.add_proskuseller",
    "integrations.change_proskuseller",
    "integrations.add_statusword",
    "integrations.change_statusword",
    "integrations.view_apikey",
    "integrations.add_apikey",
    "integrations.change_apikey",
    "orders.add_seller",
    "orders.change_seller",
    "orders.add_saleschannel",
    "orders.change_saleschannel",
    "refunds.add_approvallimit",
    "refunds.change_approvallimit",
    "auth.view_user",
)
ROLES = {
    "Viewer": VIEW,
    "Reviewer": VIEW + REVIEW,
    "Approver": VIEW + REVIEW + APPROVE,
    "Manager": VIEW + REVIEW + APPROVE + MANAGE,
}


def make_roles(apps: Any, schema_editor: Any) -> None:
    """Make the groups and grant them what is listed."""
    permissions = _permissions(apps, schema_editor.connection.alias)
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    # A later migration may have removed a model before this one runs: its rights are gone with it.
    for name, granted in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[label] for label in granted if label in permissions))


def _permissions(apps: Any, alias: str) -> dict[str, Any]:
    # On a fresh database Django makes permissions only after the last migration: what is missing is made here,
    # as Django would, and it leaves alone what it finds.
    types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    rows = apps.get_model("auth", "Permission").objects.using(alias)
    made = {}
    for label in ("orders", "refunds", "integrations", "auth"):
        for model in apps.get_app_config(label).get_models():
            options = model._meta  # noqa: SLF001
            content_type, _ = types.get_or_create(app_label=label, model=options.model_name)
            stock = [
                (f"{act}_{options.model_name}", f"Can {act} {options.verbose_name_raw}")
                for act in options.default_permissions
            ]
            for codename, name in [*stock, *options.permissions]:
                row, _ = rows.get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
                made[f"{label}.{codename}"] = row
    return made


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("orders", "0001_initial"),
        ("refunds", "0001_initial"),
        ("integrations", "0001_initial"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]

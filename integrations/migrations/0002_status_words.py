"""The status words that ProSKU is known to use; from here on staff say what they mean."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from integrations.warehouses.prosku.parse import DEFAULT_WORDS


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the words that are not there yet."""
    word = apps.get_model("integrations", "StatusWord")
    word.objects.bulk_create(
        [word(word=text, meaning=meaning.value, detail=detail) for text, (meaning, detail) in DEFAULT_WORDS.items()],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

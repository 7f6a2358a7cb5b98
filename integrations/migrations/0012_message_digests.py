"""What has come before moves into a table of its own, so that settling a message leaves that index alone."""

import django.db.models.deletion
from django.db import migrations, models

MOVED = """
INSERT INTO integrations_messagedigest (message_id, prosku_seller_id, resource, digest)
SELECT id, prosku_seller_id, resource,
    CASE WHEN digest ~ '^([0-9a-f]{2})+$' THEN decode(digest, 'hex') ELSE convert_to(digest, 'UTF8') END
FROM integrations_archivedmessage ORDER BY id;

CREATE FUNCTION integrations_forget_digests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM integrations_messagedigest d USING gone g WHERE d.message_id = g.id;
    RETURN NULL;
END $$;
-- A connection plans a function's statements once, perhaps while the tables are still empty.
ALTER FUNCTION integrations_forget_digests() SET enable_seqscan = off;

CREATE TRIGGER digests_go_with_their_messages AFTER DELETE ON integrations_archivedmessage
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION integrations_forget_digests();
"""

BACK = """
DROP TRIGGER digests_go_with_their_messages ON integrations_archivedmessage;
DROP FUNCTION integrations_forget_digests();
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0011_word_help")]
    operations = [
        migrations.CreateModel(
            name="MessageDigest",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="integrations.archivedmessage",
                    ),
                ),
                ("resource", models.CharField(max_length=20)),
                ("digest", models.BinaryField(help_text="SHA-256.")),
                (
                    "prosku_seller",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="integrations.proskuseller",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(MOVED, BACK),
        migrations.RemoveConstraint(model_name="archivedmessage", name="message_is_archived_once"),
        migrations.AddConstraint(
            model_name="messagedigest",
            constraint=models.UniqueConstraint("prosku_seller", "resource", "digest", name="message_is_archived_once"),
        ),
    ]

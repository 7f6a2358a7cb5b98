"""The timeline and the attention list keep what they were told, whoever asks."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION orders_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON orders_orderevent
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

CREATE TRIGGER attention_is_never_deleted BEFORE DELETE ON orders_attentionitem
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();
"""

BACKWARDS = """
DROP TRIGGER events_are_never_changed ON orders_orderevent;
DROP TRIGGER attention_is_never_deleted ON orders_attentionitem;
DROP FUNCTION orders_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]

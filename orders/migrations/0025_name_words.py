"""Words of customers' names beside the orders: a search by the beginning of one stops where nobody reads further.

An index of whole texts gathers every order of a name before it gives the first. While the words of the orders that are
there are written (some 15 seconds for a million orders), orders are read and not changed.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARDS = r"""
CREATE FUNCTION orders_name_words(name text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT word FROM regexp_split_to_table(lower(name), '[\s!-/:-@\[-`{-~\u00a0\u2010-\u201f]+') AS word
    WHERE word <> ''
$$;

CREATE FUNCTION orders_add_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_nameword (word, order_id, seller_id)
    SELECT w, n.id, n.seller_id FROM added n CROSS JOIN LATERAL orders_name_words(n.customer_name) w;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_change_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM orders_nameword
    WHERE order_id = OLD.id AND word = ANY (ARRAY(SELECT orders_name_words(OLD.customer_name)));
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO orders_nameword (word, order_id, seller_id)
        SELECT w, NEW.id, NEW.seller_id FROM orders_name_words(NEW.customer_name) w;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER name_words_of_new_orders AFTER INSERT ON orders_order REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_name_words();
CREATE TRIGGER name_words_of_changed_orders AFTER UPDATE OF customer_name, seller_id ON orders_order FOR EACH ROW
    WHEN ((OLD.customer_name, OLD.seller_id) IS DISTINCT FROM (NEW.customer_name, NEW.seller_id))
    EXECUTE FUNCTION orders_change_name_words();
CREATE TRIGGER name_words_of_deleted_orders AFTER DELETE ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_change_name_words();

INSERT INTO orders_nameword (word, order_id, seller_id)
SELECT w, o.id, o.seller_id FROM orders_order o CROSS JOIN LATERAL orders_name_words(o.customer_name) w ORDER BY 1, 2;
-- Whether one word of a name is looked up behind another, or all of them read, depends on how rare it is.
ALTER TABLE orders_nameword ALTER COLUMN word SET STATISTICS 1000;
DO $$ BEGIN IF EXISTS (SELECT FROM orders_order) THEN ANALYZE orders_nameword; END IF; END $$;
DROP INDEX order_search_name;
"""

BACKWARDS = """
CREATE INDEX order_search_name ON orders_order USING gin (to_tsvector('simple'::regconfig, customer_name))
    WITH (gin_pending_list_limit = 512) WHERE customer_name <> '';
DROP TRIGGER name_words_of_new_orders ON orders_order;
DROP TRIGGER name_words_of_changed_orders ON orders_order;
DROP TRIGGER name_words_of_deleted_orders ON orders_order;
DROP FUNCTION orders_add_name_words(), orders_change_name_words(), orders_name_words(text);
"""


def _of(model: str) -> models.ForeignKey:
    return models.ForeignKey(
        f"orders.{model}", django.db.models.deletion.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0024_many_refunds")]
    operations = [
        migrations.CreateModel(
            name="NameWord",
            fields=[
                ("pk", models.CompositePrimaryKey("word", "order", editable=False, primary_key=True, serialize=False)),
                (
                    "word",
                    models.TextField(
                        db_collation="C", help_text="Sorted by its letters' codes, so that a beginning is a range."
                    ),
                ),
                ("order", _of("order")),
                ("seller", _of("seller")),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

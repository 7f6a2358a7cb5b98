-- The timeline is append-only: no event is ever changed or deleted. Attention items are closed, never deleted.
-- Other apps attach orders_refuse() to tables of theirs that are append-only as well.

CREATE OR REPLACE FUNCTION orders_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

DROP TRIGGER IF EXISTS events_are_never_changed ON orders_orderevent;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON orders_orderevent
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS attention_is_never_deleted ON orders_attentionitem;
CREATE TRIGGER attention_is_never_deleted BEFORE DELETE ON orders_attentionitem
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

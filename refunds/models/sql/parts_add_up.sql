-- At commit, the items of a refund add up to its amounts, belong to its order, and the refund has its order's currency.
--
-- enable_seqscan: see committed_totals.sql. The plan is kept (plan_cache_mode), because planning anew for each row,
-- which PostgreSQL prefers once the tables hold something, took a fifth of an update.

CREATE OR REPLACE FUNCTION refunds_parts_add_up() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    refund refunds_refund;
    parts record;
BEGIN
    SELECT * INTO refund FROM refunds_refund
    WHERE id = (to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0])::bigint;
    SELECT coalesce(sum(ri.amount), 0) AS amount, coalesce(sum(ri.tax), 0) AS tax,
           count(*) FILTER (WHERE i.order_id <> refund.order_id) AS strangers
      INTO parts FROM refunds_refunditem ri JOIN orders_orderitem i ON i.id = ri.item_id WHERE ri.refund_id = refund.id;
    IF parts.strangers > 0 OR parts.amount <> refund.items_amount OR parts.tax <> refund.tax_amount THEN
        RAISE EXCEPTION 'the items of refund % do not add up to its amounts', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF refund.currency <> (SELECT currency FROM orders_order WHERE id = refund.order_id) THEN
        RAISE EXCEPTION 'refund % has another currency than its order', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS refund_parts_add_up ON refunds_refund;
CREATE CONSTRAINT TRIGGER refund_parts_add_up AFTER INSERT OR UPDATE OF amount, items_amount, tax_amount, currency
    ON refunds_refund DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_parts_add_up('id');

DROP TRIGGER IF EXISTS refund_items_add_up ON refunds_refunditem;
CREATE CONSTRAINT TRIGGER refund_items_add_up AFTER INSERT OR DELETE
    ON refunds_refunditem DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_parts_add_up('refund_id');

-- At commit, units that were both shipped and refunded before they shipped have an attention item that says so, and
-- that only a person may have closed.
-- enable_seqscan: see committed_totals.sql.

CREATE OR REPLACE FUNCTION refunds_shipped_and_refunded() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_orderitem WHERE id = NEW.id AND committed_unshipped > 0
               AND shipped_quantity + committed_unshipped > quantity)
       AND NOT EXISTS (SELECT FROM orders_attentionitem
                       WHERE order_id = NEW.order_id AND kind = 'shipped_after_refund'
                         AND evidence -> 'units' ? NEW.sku
                         AND (closed_at IS NULL OR closed_by_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'units of item % are both shipped and refunded, and no attention item says so', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS shipped_and_refunded_is_said ON orders_orderitem;
CREATE CONSTRAINT TRIGGER shipped_and_refunded_is_said AFTER INSERT OR UPDATE OF shipped_quantity, committed_unshipped
    ON orders_orderitem DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.committed_unshipped > 0 AND NEW.shipped_quantity + NEW.committed_unshipped > NEW.quantity)
    EXECUTE FUNCTION refunds_shipped_and_refunded();

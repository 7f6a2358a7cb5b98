-- A refund commits its units and its money in every status but rejected and withdrawn; an executed one is refunded. The
-- totals of both stand on the order and its items, where CHECK constraints compare them with what was paid. The
-- functions here are the only ones that write these totals. The items of a decided refund never change; those of a
-- refund that was made at the provider are added once, all together.
--
-- enable_seqscan is off because a connection plans a function's statements once, perhaps while the tables are still
-- empty: that plan must never be one that reads them from end to end.

CREATE OR REPLACE FUNCTION refunds_holds(status text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN status NOT IN ('rejected', 'withdrawn');

-- The items of refunds: added, removed, never updated.

CREATE OR REPLACE FUNCTION refunds_items_changed() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM changed c JOIN refunds_refund r ON r.id = c.refund_id
               WHERE r.status NOT IN ('proposed', 'on_hold')
                 AND NOT (TG_ARGV[0] = '1' AND r.origin = 'external' AND NOT EXISTS (
                     SELECT FROM refunds_refunditem ri WHERE ri.refund_id = r.id
                       AND NOT EXISTS (SELECT FROM changed n WHERE n.id = ri.id)))) THEN
        RAISE EXCEPTION 'the items of a decided refund never change' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE orders_orderitem i SET
        committed_quantity = i.committed_quantity + TG_ARGV[0]::int * d.quantity,
        committed_unshipped = i.committed_unshipped + TG_ARGV[0]::int * d.unshipped,
        committed_amount = i.committed_amount + TG_ARGV[0]::int * d.amount,
        committed_tax = i.committed_tax + TG_ARGV[0]::int * d.tax
    FROM (SELECT c.item_id, sum(c.quantity) AS quantity, sum(c.amount) AS amount, sum(c.tax) AS tax,
                 sum(CASE WHEN r.kind = 'pre_shipment' THEN c.quantity ELSE 0 END) AS unshipped
          FROM changed c JOIN refunds_refund r ON r.id = c.refund_id GROUP BY c.item_id) d
    WHERE i.id = d.item_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refunds_items_are_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refund items are replaced, not updated' USING ERRCODE = 'check_violation';
END $$;

DROP TRIGGER IF EXISTS added_items_are_held ON refunds_refunditem;
CREATE TRIGGER added_items_are_held AFTER INSERT ON refunds_refunditem REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_items_changed('1');

DROP TRIGGER IF EXISTS removed_items_are_released ON refunds_refunditem;
CREATE TRIGGER removed_items_are_released AFTER DELETE ON refunds_refunditem REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_items_changed('-1');

DROP TRIGGER IF EXISTS items_are_replaced_not_updated ON refunds_refunditem;
CREATE TRIGGER items_are_replaced_not_updated BEFORE UPDATE ON refunds_refunditem
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_items_are_replaced();

-- The refunds themselves: added, or with another amount or status. A rejection that is undone commits its items again.

CREATE OR REPLACE FUNCTION refunds_added() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    UPDATE orders_order o SET
        committed_amount = o.committed_amount + d.amount,
        committed_shipping = o.committed_shipping + d.shipping,
        refunded_amount = o.refunded_amount + d.refunded
    FROM (SELECT order_id, sum(amount) AS amount, sum(shipping_amount) AS shipping,
                 coalesce(sum(amount) FILTER (WHERE status = 'executed'), 0) AS refunded
          FROM added GROUP BY order_id) d
    WHERE o.id = d.order_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refunds_changed() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    UPDATE orders_order o SET
        committed_amount = o.committed_amount + d.amount,
        committed_shipping = o.committed_shipping + d.shipping,
        refunded_amount = o.refunded_amount + d.refunded
    FROM (SELECT order_id, sum(amount) AS amount, sum(shipping) AS shipping,
                 coalesce(sum(amount) FILTER (WHERE status = 'executed'), 0) AS refunded
          FROM (
              SELECT order_id, status, amount, shipping_amount AS shipping FROM after WHERE refunds_holds(status)
              UNION ALL
              SELECT order_id, status, -amount, -shipping_amount FROM before WHERE refunds_holds(status)) both_sides
          GROUP BY order_id
          HAVING sum(amount) <> 0 OR sum(shipping) <> 0
              OR coalesce(sum(amount) FILTER (WHERE status = 'executed'), 0) <> 0) d
    WHERE o.id = d.order_id;

    UPDATE orders_orderitem i SET
        committed_quantity = i.committed_quantity + d.quantity,
        committed_unshipped = i.committed_unshipped + d.unshipped,
        committed_amount = i.committed_amount + d.amount,
        committed_tax = i.committed_tax + d.tax
    FROM (SELECT ri.item_id, sum(s.sign * ri.quantity) AS quantity, sum(s.sign * ri.amount) AS amount,
                 sum(s.sign * ri.tax) AS tax,
                 sum(CASE WHEN b.kind = 'pre_shipment' THEN s.sign * ri.quantity ELSE 0 END) AS unshipped
          FROM before b JOIN after a USING (id) JOIN refunds_refunditem ri ON ri.refund_id = b.id
          CROSS JOIN LATERAL (SELECT CASE WHEN refunds_holds(a.status) THEN 1 ELSE -1 END AS sign) s
          WHERE refunds_holds(b.status) <> refunds_holds(a.status) GROUP BY ri.item_id) d
    WHERE i.id = d.item_id;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS added_refunds_are_held ON refunds_refund;
CREATE TRIGGER added_refunds_are_held AFTER INSERT ON refunds_refund REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_added();

DROP TRIGGER IF EXISTS changed_refunds_are_held ON refunds_refund;
CREATE TRIGGER changed_refunds_are_held AFTER UPDATE ON refunds_refund
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_changed();

-- Whatever else writes the rows of orders, such as an order saved as a whole with totals that were read before.

CREATE OR REPLACE FUNCTION refunds_totals_are_kept_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what refunds hold of % % is kept by the refunds alone', TG_TABLE_NAME, NEW.id
        USING ERRCODE = 'check_violation';
END $$;

DROP TRIGGER IF EXISTS order_totals_are_kept_by_refunds ON orders_order;
CREATE TRIGGER order_totals_are_kept_by_refunds
    BEFORE UPDATE OF committed_amount, committed_shipping, refunded_amount ON orders_order
    FOR EACH ROW WHEN (pg_trigger_depth() = 0
        AND (NEW.committed_amount, NEW.committed_shipping, NEW.refunded_amount)
        IS DISTINCT FROM (OLD.committed_amount, OLD.committed_shipping, OLD.refunded_amount))
    EXECUTE FUNCTION refunds_totals_are_kept_here();

DROP TRIGGER IF EXISTS item_totals_are_kept_by_refunds ON orders_orderitem;
CREATE TRIGGER item_totals_are_kept_by_refunds
    BEFORE UPDATE OF committed_quantity, committed_unshipped, committed_amount, committed_tax ON orders_orderitem
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND
        (NEW.committed_quantity, NEW.committed_unshipped, NEW.committed_amount, NEW.committed_tax)
        IS DISTINCT FROM
        (OLD.committed_quantity, OLD.committed_unshipped, OLD.committed_amount, OLD.committed_tax))
    EXECUTE FUNCTION refunds_totals_are_kept_here();

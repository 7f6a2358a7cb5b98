"""What the database itself refuses about refunds, and the committed totals that it keeps.

A refund "holds" its units and its money in every state but rejected and withdrawn. The totals of what is held
stand on the order and its items, where CHECKs compare them with what was paid.
"""

from django.db import migrations

MOVES = """
CREATE FUNCTION refunds_holds(status text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN status NOT IN ('rejected', 'withdrawn');

CREATE FUNCTION refunds_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'proposed' THEN
            RAISE EXCEPTION 'refund % must begin as proposed', NEW.number USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'refund % is never deleted', OLD.number USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('proposed', 'approved'), ('proposed', 'rejected'), ('proposed', 'withdrawn'), ('proposed', 'on_hold'),
        ('on_hold', 'proposed'), ('on_hold', 'rejected'), ('on_hold', 'withdrawn'),
        ('approved', 'executing'), ('approved', 'withdrawn'), ('approved', 'proposed'),
        ('executing', 'executed'), ('executing', 'failed'), ('executing', 'in_doubt'),
        ('in_doubt', 'executing'), ('in_doubt', 'executed'), ('in_doubt', 'failed'),
        ('failed', 'approved'), ('failed', 'rejected'),
        ('executed', 'failed')
    ) THEN
        RAISE EXCEPTION 'refund % never goes from % to %', NEW.number, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status NOT IN ('proposed', 'on_hold') AND (
        (NEW.amount, NEW.items_amount, NEW.shipping_amount, NEW.rounding_amount, NEW.tax_amount, NEW.currency)
        IS DISTINCT FROM
        (OLD.amount, OLD.items_amount, OLD.shipping_amount, OLD.rounding_amount, OLD.tax_amount, OLD.currency)
    ) THEN
        RAISE EXCEPTION 'the amounts of refund % are decided', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.order_id, NEW.seller_id, NEW.sequence, NEW.number, NEW.origin)
        IS DISTINCT FROM (OLD.order_id, OLD.seller_id, OLD.sequence, OLD.number, OLD.origin) THEN
        RAISE EXCEPTION 'refund % stays with its order', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER refund_moves_as_listed BEFORE INSERT OR UPDATE OR DELETE ON refunds_refund
    FOR EACH ROW EXECUTE FUNCTION refunds_guard();
"""

TOTALS = """
CREATE FUNCTION refunds_items_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed c JOIN refunds_refund r ON r.id = c.refund_id
               WHERE r.status NOT IN ('proposed', 'on_hold')) THEN
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

CREATE FUNCTION refunds_items_are_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refund items are replaced, not updated' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER added_items_are_held AFTER INSERT ON refunds_refunditem REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_items_changed('1');
CREATE TRIGGER removed_items_are_released AFTER DELETE ON refunds_refunditem REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_items_changed('-1');
CREATE TRIGGER items_are_replaced_not_updated BEFORE UPDATE ON refunds_refunditem
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_items_are_replaced();

CREATE FUNCTION refunds_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_order o SET
        committed_amount = o.committed_amount + d.amount,
        committed_shipping = o.committed_shipping + d.shipping
    FROM (SELECT order_id, sum(amount) AS amount, sum(shipping_amount) AS shipping FROM added GROUP BY order_id) d
    WHERE o.id = d.order_id;
    RETURN NULL;
END $$;

CREATE FUNCTION refunds_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_order o SET
        committed_amount = o.committed_amount + d.amount,
        committed_shipping = o.committed_shipping + d.shipping
    FROM (SELECT order_id, sum(amount) AS amount, sum(shipping) AS shipping FROM (
              SELECT order_id, amount, shipping_amount AS shipping FROM after WHERE refunds_holds(status)
              UNION ALL
              SELECT order_id, -amount, -shipping_amount FROM before WHERE refunds_holds(status)) both_sides
          GROUP BY order_id HAVING sum(amount) <> 0 OR sum(shipping) <> 0) d
    WHERE o.id = d.order_id;

    UPDATE orders_orderitem i SET
        committed_quantity = i.committed_quantity - d.quantity,
        committed_unshipped = i.committed_unshipped - d.unshipped,
        committed_amount = i.committed_amount - d.amount,
        committed_tax = i.committed_tax - d.tax
    FROM (SELECT ri.item_id, sum(ri.quantity) AS quantity, sum(ri.amount) AS amount, sum(ri.tax) AS tax,
                 sum(CASE WHEN b.kind = 'pre_shipment' THEN ri.quantity ELSE 0 END) AS unshipped
          FROM before b JOIN after a USING (id) JOIN refunds_refunditem ri ON ri.refund_id = b.id
          WHERE refunds_holds(b.status) AND NOT refunds_holds(a.status) GROUP BY ri.item_id) d
    WHERE i.id = d.item_id;
    RETURN NULL;
END $$;

CREATE TRIGGER added_refunds_are_held AFTER INSERT ON refunds_refund REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_added();
CREATE TRIGGER changed_refunds_are_held AFTER UPDATE ON refunds_refund
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_changed();
"""

AT_COMMIT = """
CREATE FUNCTION refunds_parts_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refund refunds_refund;
    parts record;
BEGIN
    SELECT * INTO refund FROM refunds_refund WHERE id = NEW.id;
    SELECT coalesce(sum(ri.amount), 0) AS amount, coalesce(sum(ri.tax), 0) AS tax,
           count(*) FILTER (WHERE i.order_id <> refund.order_id) AS strangers
      INTO parts FROM refunds_refunditem ri JOIN orders_orderitem i ON i.id = ri.item_id WHERE ri.refund_id = NEW.id;
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

CREATE CONSTRAINT TRIGGER refund_parts_add_up AFTER INSERT OR UPDATE OF amount, items_amount, tax_amount, currency
    ON refunds_refund DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_parts_add_up();

CREATE FUNCTION refunds_attempt_is_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refund refunds_refund;
BEGIN
    SELECT * INTO refund FROM refunds_refund WHERE id = NEW.id;
    IF refund.status = 'executing' AND NOT EXISTS (
        SELECT FROM refunds_refundattempt WHERE refund_id = refund.id AND outcome = '' AND amount = refund.amount) THEN
        RAISE EXCEPTION 'refund % is executing without an attempt on record', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF refund.status = 'executed' AND NOT EXISTS (
        SELECT FROM refunds_refundattempt
        WHERE refund_id = refund.id AND outcome = 'paid' AND amount = refund.amount) THEN
        RAISE EXCEPTION 'refund % is executed without a paid attempt on record', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER refund_attempt_is_on_record AFTER UPDATE OF status ON refunds_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status IN ('executing', 'executed'))
    EXECUTE FUNCTION refunds_attempt_is_on_record();

CREATE FUNCTION refunds_shipped_and_refunded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_orderitem WHERE id = NEW.id AND committed_unshipped > 0
               AND shipped_quantity + committed_unshipped > quantity)
       AND NOT EXISTS (SELECT FROM orders_attentionitem
                       WHERE order_id = NEW.order_id AND kind = 'shipped_after_refund') THEN
        RAISE EXCEPTION 'units of item % are both shipped and refunded, and no attention item says so', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER shipped_and_refunded_is_said AFTER INSERT OR UPDATE OF shipped_quantity, committed_unshipped
    ON orders_orderitem DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.committed_unshipped > 0 AND NEW.shipped_quantity + NEW.committed_unshipped > NEW.quantity)
    EXECUTE FUNCTION refunds_shipped_and_refunded();
"""

BACKWARDS = """
DROP TRIGGER shipped_and_refunded_is_said ON orders_orderitem;
DROP TRIGGER refund_attempt_is_on_record ON refunds_refund;
DROP TRIGGER refund_parts_add_up ON refunds_refund;
DROP TRIGGER changed_refunds_are_held ON refunds_refund;
DROP TRIGGER added_refunds_are_held ON refunds_refund;
DROP TRIGGER items_are_replaced_not_updated ON refunds_refunditem;
DROP TRIGGER removed_items_are_released ON refunds_refunditem;
DROP TRIGGER added_items_are_held ON refunds_refunditem;
DROP TRIGGER refund_moves_as_listed ON refunds_refund;
DROP FUNCTION refunds_shipped_and_refunded(), refunds_attempt_is_on_record(), refunds_parts_add_up(), refunds_changed(),
    refunds_added(), refunds_items_are_replaced(), refunds_items_changed(), refunds_guard(), refunds_holds(text);
"""


class Migration(migrations.Migration):
    dependencies = [("refunds", "0001_initial"), ("orders", "0002_append_only")]
    operations = [migrations.RunSQL(MOVES + TOTALS + AT_COMMIT, BACKWARDS)]

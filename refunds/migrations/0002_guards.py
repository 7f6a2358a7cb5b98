"""What the database itself refuses about refunds, and the committed totals that it keeps.

A refund "holds" its units and its money in every state but rejected and withdrawn. The totals of what is held
stand on the order and its items, where CHECKs compare them with what was paid.
"""

from django.db import migrations

MOVES = """
CREATE FUNCTION refunds_holds(status text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN status NOT IN ('rejected', 'withdrawn');

CREATE FUNCTION refunds_approvals_suffice(refund refunds_refund) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF refund.approvals_needed < 2 AND EXISTS (
        SELECT FROM refunds_approvallimit
        WHERE seller_id = refund.seller_id AND currency = refund.currency AND second_approver_above < refund.amount
    ) THEN
        RAISE EXCEPTION 'refund % is above the limit: two people approve it', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION refunds_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'proposed' OR NEW.approved_by_id IS NOT NULL OR NEW.second_approved_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'refund % must begin as proposed', NEW.number USING ERRCODE = 'check_violation';
        END IF;
        PERFORM refunds_approvals_suffice(NEW);
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
    IF (NEW.amount, NEW.items_amount, NEW.shipping_amount, NEW.rounding_amount, NEW.tax_amount, NEW.currency,
        NEW.approvals_needed)
       IS DISTINCT FROM
       (OLD.amount, OLD.items_amount, OLD.shipping_amount, OLD.rounding_amount, OLD.tax_amount, OLD.currency,
        OLD.approvals_needed)
    THEN
        IF OLD.status NOT IN ('proposed', 'on_hold') OR NEW.approved_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'the amounts of refund % are decided', NEW.number USING ERRCODE = 'check_violation';
        END IF;
        PERFORM refunds_approvals_suffice(NEW);
    END IF;
    IF OLD.status NOT IN ('proposed', 'on_hold') AND NEW.status <> 'proposed'
       AND (NEW.approved_by_id, NEW.second_approved_by_id)
           IS DISTINCT FROM (OLD.approved_by_id, OLD.second_approved_by_id) THEN
        RAISE EXCEPTION 'who approved refund % is on record', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.order_id, NEW.seller_id, NEW.sequence, NEW.number, NEW.origin, NEW.kind, NEW.proposed_by_id) IS DISTINCT
       FROM (OLD.order_id, OLD.seller_id, OLD.sequence, OLD.number, OLD.origin, OLD.kind, OLD.proposed_by_id) THEN
        RAISE EXCEPTION 'refund % stays what it was proposed as', NEW.number USING ERRCODE = 'check_violation';
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

# Whatever else writes the rows of orders, such as an order saved as a whole with figures read before.
KEPT = """
CREATE FUNCTION refunds_totals_are_kept_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what refunds hold of % % is kept by the refunds alone', TG_TABLE_NAME, NEW.id
        USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER order_totals_are_kept_by_refunds BEFORE UPDATE OF committed_amount, committed_shipping ON orders_order
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND (NEW.committed_amount, NEW.committed_shipping)
                       IS DISTINCT FROM (OLD.committed_amount, OLD.committed_shipping))
    EXECUTE FUNCTION refunds_totals_are_kept_here();
CREATE TRIGGER item_totals_are_kept_by_refunds
    BEFORE UPDATE OF committed_quantity, committed_unshipped, committed_amount, committed_tax ON orders_orderitem
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND
        (NEW.committed_quantity, NEW.committed_unshipped, NEW.committed_amount, NEW.committed_tax)
        IS DISTINCT FROM
        (OLD.committed_quantity, OLD.committed_unshipped, OLD.committed_amount, OLD.committed_tax))
    EXECUTE FUNCTION refunds_totals_are_kept_here();
"""

ATTEMPTS = """
CREATE FUNCTION refunds_attempt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'attempts are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM refunds_refund WHERE id = NEW.refund_id AND status = 'executing') THEN
            RAISE EXCEPTION 'an attempt belongs to a refund that is executing' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT FROM refunds_refundattempt
                   WHERE refund_id = NEW.refund_id AND outcome IN ('', 'paid', 'unclear')) THEN
            RAISE EXCEPTION 'an earlier attempt was paid, or nobody knows' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.refund_id, NEW.number, NEW.key, NEW.gateway, NEW.amount, NEW.currency)
       IS DISTINCT FROM (OLD.refund_id, OLD.number, OLD.key, OLD.gateway, OLD.amount, OLD.currency)
       OR (NEW.outcome <> OLD.outcome AND OLD.outcome <> '' AND (OLD.outcome, NEW.outcome) NOT IN (
           ('unclear', 'paid'), ('unclear', 'declined'), ('unclear', 'absent'),
           ('absent', 'paid'), ('absent', 'declined'), ('paid', 'reversed'))) THEN
        RAISE EXCEPTION 'an attempt stays what it was' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER attempts_stay_what_they_were BEFORE INSERT OR UPDATE OR DELETE ON refunds_refundattempt
    FOR EACH ROW EXECUTE FUNCTION refunds_attempt_guard();
"""

AT_COMMIT = """
CREATE FUNCTION refunds_parts_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE CONSTRAINT TRIGGER refund_parts_add_up AFTER INSERT OR UPDATE OF amount, items_amount, tax_amount, currency
    ON refunds_refund DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_parts_add_up('id');
CREATE CONSTRAINT TRIGGER refund_items_add_up AFTER INSERT OR DELETE
    ON refunds_refunditem DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_parts_add_up('refund_id');

CREATE FUNCTION refunds_attempt_is_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refund refunds_refund;
BEGIN
    SELECT * INTO refund FROM refunds_refund WHERE id = NEW.id;
    IF refund.status = 'executing' AND NOT EXISTS (
        SELECT FROM refunds_refundattempt WHERE refund_id = refund.id AND outcome = ''
          AND (amount, currency) = (refund.amount, refund.currency)) THEN
        RAISE EXCEPTION 'refund % is executing without an attempt on record', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF refund.status = 'executed' AND NOT EXISTS (
        SELECT FROM refunds_refundattempt
        WHERE refund_id = refund.id AND outcome = 'paid'
          AND (amount, currency) = (refund.amount, refund.currency)) THEN
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
                       WHERE order_id = NEW.order_id AND kind = 'shipped_after_refund'
                         AND evidence -> 'units' ? NEW.sku
                         AND (closed_at IS NULL OR closed_by_id IS NOT NULL)) THEN
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

PLANS = """
-- A connection plans a function's statements once, perhaps while the tables are still empty: never one that reads them
-- from end to end.
ALTER FUNCTION refunds_items_changed() SET enable_seqscan = off;
ALTER FUNCTION refunds_added() SET enable_seqscan = off;
ALTER FUNCTION refunds_changed() SET enable_seqscan = off;
ALTER FUNCTION refunds_parts_add_up() SET enable_seqscan = off;
ALTER FUNCTION refunds_attempt_is_on_record() SET enable_seqscan = off;
ALTER FUNCTION refunds_shipped_and_refunded() SET enable_seqscan = off;
"""

BACKWARDS = """
DROP TRIGGER shipped_and_refunded_is_said ON orders_orderitem;
DROP TRIGGER refund_attempt_is_on_record ON refunds_refund;
DROP TRIGGER attempts_stay_what_they_were ON refunds_refundattempt;
DROP TRIGGER item_totals_are_kept_by_refunds ON orders_orderitem;
DROP TRIGGER order_totals_are_kept_by_refunds ON orders_order;
DROP TRIGGER refund_items_add_up ON refunds_refunditem;
DROP TRIGGER refund_parts_add_up ON refunds_refund;
DROP TRIGGER changed_refunds_are_held ON refunds_refund;
DROP TRIGGER added_refunds_are_held ON refunds_refund;
DROP TRIGGER items_are_replaced_not_updated ON refunds_refunditem;
DROP TRIGGER removed_items_are_released ON refunds_refunditem;
DROP TRIGGER added_items_are_held ON refunds_refunditem;
DROP TRIGGER refund_moves_as_listed ON refunds_refund;
DROP FUNCTION refunds_shipped_and_refunded(), refunds_attempt_is_on_record(), refunds_parts_add_up(), refunds_changed(),
    refunds_added(), refunds_items_are_replaced(), refunds_items_changed(), refunds_guard(), refunds_holds(text),
    refunds_approvals_suffice(refunds_refund), refunds_totals_are_kept_here(), refunds_attempt_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("refunds", "0001_initial"), ("orders", "0002_append_only")]
    operations = [migrations.RunSQL(MOVES + TOTALS + KEPT + ATTEMPTS + AT_COMMIT + PLANS, BACKWARDS)]

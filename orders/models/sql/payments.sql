-- What was paid for an order is the sum of its shares of payments, kept here alone. Shares stay within their payment,
-- and a payment is of the seller and the currency of each order that it pays.
--
-- An order is written with the total that its shares, written next in the same transaction, add up to: then nothing
-- is written twice. enable_seqscan is off because a function's plan may be made while the tables are still empty.

CREATE OR REPLACE FUNCTION orders_paid(bigint) RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT coalesce(sum(amount), 0)::bigint FROM orders_paymentshare WHERE order_id = $1);

CREATE OR REPLACE FUNCTION orders_shares_changed() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP <> 'DELETE' AND EXISTS (
        SELECT FROM changed c JOIN orders_payment p ON p.id = c.payment_id JOIN orders_order o ON o.id = c.order_id
        WHERE (p.seller_id, p.currency) <> (o.seller_id, o.currency)) THEN
        RAISE EXCEPTION 'a payment is of the seller and the currency of its orders' USING ERRCODE = 'check_violation';
    END IF;
    -- Whoever adds a share at the same moment waits here, and counts this one.
    PERFORM FROM orders_payment WHERE id IN (SELECT payment_id FROM changed) AND captured_amount IS NOT NULL
        ORDER BY id FOR NO KEY UPDATE;
    IF FOUND AND EXISTS (
        SELECT FROM orders_payment p WHERE p.id IN (SELECT payment_id FROM changed)
            AND p.captured_amount < (SELECT sum(s.amount) FROM orders_paymentshare s WHERE s.payment_id = p.id)) THEN
        RAISE EXCEPTION 'shares stay within the payment' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM FROM orders_order o WHERE o.id IN (SELECT order_id FROM changed) AND o.total_paid <> orders_paid(o.id)
        ORDER BY o.id FOR NO KEY UPDATE;
    IF FOUND THEN
        UPDATE orders_order o SET total_paid = orders_paid(o.id)
        WHERE o.id IN (SELECT order_id FROM changed) AND o.total_paid <> orders_paid(o.id);
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS added_shares_are_paid ON orders_paymentshare;
CREATE TRIGGER added_shares_are_paid AFTER INSERT ON orders_paymentshare REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION orders_shares_changed();
DROP TRIGGER IF EXISTS changed_shares_are_paid ON orders_paymentshare;
CREATE TRIGGER changed_shares_are_paid AFTER UPDATE ON orders_paymentshare REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION orders_shares_changed();
DROP TRIGGER IF EXISTS removed_shares_are_not_paid ON orders_paymentshare;
CREATE TRIGGER removed_shares_are_not_paid AFTER DELETE ON orders_paymentshare REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION orders_shares_changed();

-- What never changes. A payment that was captured in parts grows.

CREATE OR REPLACE FUNCTION orders_payments_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % stays what it was', TG_TABLE_NAME, OLD.id USING ERRCODE = 'check_violation';
END $$;

DROP TRIGGER IF EXISTS payment_stays_what_it_was ON orders_payment;
CREATE TRIGGER payment_stays_what_it_was BEFORE UPDATE ON orders_payment FOR EACH ROW
    WHEN ((NEW.seller_id, NEW.provider, NEW.automatic, NEW.reference, NEW.currency)
        IS DISTINCT FROM (OLD.seller_id, OLD.provider, OLD.automatic, OLD.reference, OLD.currency)
        OR coalesce(NEW.captured_amount, 0) < OLD.captured_amount)
    EXECUTE FUNCTION orders_payments_stay();
DROP TRIGGER IF EXISTS share_stays_with_its_order ON orders_paymentshare;
CREATE TRIGGER share_stays_with_its_order BEFORE UPDATE ON orders_paymentshare FOR EACH ROW
    WHEN ((NEW.order_id, NEW.payment_id) IS DISTINCT FROM (OLD.order_id, OLD.payment_id))
    EXECUTE FUNCTION orders_payments_stay();

-- Whatever else writes the rows of orders.

CREATE OR REPLACE FUNCTION orders_total_is_kept_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was paid for order % is the sum of its payments', NEW.id USING ERRCODE = 'check_violation';
END $$;

DROP TRIGGER IF EXISTS total_is_kept_by_payments ON orders_order;
CREATE TRIGGER total_is_kept_by_payments BEFORE UPDATE OF total_paid ON orders_order FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND NEW.total_paid <> OLD.total_paid)
    EXECUTE FUNCTION orders_total_is_kept_here();

-- At commit: between the statements that write an order and its payments the two may be apart.

CREATE OR REPLACE FUNCTION orders_payments_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_order WHERE id = NEW.id AND total_paid <> orders_paid(id)) THEN
        RAISE EXCEPTION 'what was paid for order % is the sum of its payments', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM orders_order o JOIN orders_paymentshare s ON s.order_id = o.id
                   JOIN orders_payment p ON p.id = s.payment_id
               WHERE o.id = NEW.id AND (p.seller_id, p.currency) <> (o.seller_id, o.currency)) THEN
        RAISE EXCEPTION 'a payment of order % is of another seller or currency', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS new_order_is_paid_by_its_payments ON orders_order;
CREATE CONSTRAINT TRIGGER new_order_is_paid_by_its_payments AFTER INSERT ON orders_order
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.total_paid <> 0) EXECUTE FUNCTION orders_payments_fit();
DROP TRIGGER IF EXISTS payments_fit_the_changed_order ON orders_order;
CREATE CONSTRAINT TRIGGER payments_fit_the_changed_order AFTER UPDATE OF seller_id, currency ON orders_order
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.seller_id, NEW.currency) IS DISTINCT FROM (OLD.seller_id, OLD.currency))
    EXECUTE FUNCTION orders_payments_fit();

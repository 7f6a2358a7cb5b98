-- What was sent against a payment is never more than was captured, over all orders that it pays. A refund goes back to
-- a payment of its own order, and such a payment stays.

CREATE OR REPLACE FUNCTION refunds_is_sent(status text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN status NOT IN ('proposed', 'on_hold', 'approved', 'failed', 'rejected', 'withdrawn');

-- What can still be sent against a payment, beside what was sent of other orders than this one.
CREATE OR REPLACE FUNCTION refunds_left_of_payment(bigint, not_counting bigint) RETURNS bigint LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(p.captured_amount, (SELECT sum(s.amount) FROM orders_paymentshare s WHERE s.payment_id = p.id), 0)
        - coalesce((SELECT sum(r.amount) FROM refunds_refund r
                    WHERE r.payment_id = p.id AND r.order_id <> not_counting AND refunds_is_sent(r.status)), 0)
    FROM orders_payment p WHERE p.id = $1);

-- The payment stays locked: of two orders that share it, one sees what the other has sent.
CREATE OR REPLACE FUNCTION refunds_fit_their_payment() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM orders_payment WHERE id = NEW.payment_id AND automatic FOR NO KEY UPDATE;
    IF FOUND AND NEW.amount > refunds_left_of_payment(NEW.payment_id, 0) THEN
        RAISE EXCEPTION 'refund % is more than is left of its payment', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS refunds_stay_within_their_payment ON refunds_refund;
CREATE TRIGGER refunds_stay_within_their_payment BEFORE UPDATE OF status ON refunds_refund FOR EACH ROW
    WHEN (OLD.status = 'approved' AND NEW.status = 'executing' AND NEW.payment_id IS NOT NULL)
    EXECUTE FUNCTION refunds_fit_their_payment();

CREATE OR REPLACE FUNCTION refunds_payment_is_of_the_order() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM orders_paymentshare
                   WHERE order_id = NEW.order_id AND payment_id = NEW.payment_id) THEN
        RAISE EXCEPTION 'refund % goes back to a payment of its own order', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS refund_goes_back_to_its_order ON refunds_refund;
CREATE TRIGGER refund_goes_back_to_its_order BEFORE INSERT OR UPDATE OF payment_id ON refunds_refund FOR EACH ROW
    WHEN (NEW.payment_id IS NOT NULL) EXECUTE FUNCTION refunds_payment_is_of_the_order();

CREATE OR REPLACE FUNCTION refunds_shares_stay() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM refunds_refund
               WHERE order_id = OLD.order_id AND payment_id = OLD.payment_id AND refunds_holds(status)) THEN
        RAISE EXCEPTION 'order % has refunds: its payments stay', OLD.order_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

DROP TRIGGER IF EXISTS shares_with_refunds_stay ON orders_paymentshare;
CREATE TRIGGER shares_with_refunds_stay BEFORE UPDATE OR DELETE ON orders_paymentshare
    FOR EACH ROW EXECUTE FUNCTION refunds_shares_stay();

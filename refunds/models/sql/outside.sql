-- Money that left a payment past us, and that nobody has explained yet, blocks every order of the payment: nothing of
-- it is approved, sent, tried again or recorded as paid. A refund made elsewhere is counted once, however many refunds
-- here it explains.

CREATE OR REPLACE FUNCTION refunds_unexplained(of_order bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM refunds_outsidepayment f
        JOIN orders_payment p ON p.provider = f.provider AND p.reference = ANY(f.payments) AND p.reference <> ''
        JOIN orders_paymentshare s ON s.payment_id = p.id
        WHERE s.order_id = of_order AND f.unexplained_amount > 0)
$$;

CREATE OR REPLACE FUNCTION refunds_blocked_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF refunds_unexplained(NEW.order_id) THEN
        RAISE EXCEPTION 'money left the payment of refund % and nobody has said what for', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS unexplained_payments_block_refunds ON refunds_refund;
CREATE TRIGGER unexplained_payments_block_refunds BEFORE UPDATE OF status ON refunds_refund
    FOR EACH ROW WHEN (NEW.origin <> 'external' AND (OLD.status, NEW.status) IN (
        ('proposed', 'approved'), ('approved', 'executing'), ('failed', 'approved')))
    EXECUTE FUNCTION refunds_blocked_guard();

-- enable_seqscan: see committed_totals.sql.
CREATE OR REPLACE FUNCTION refunds_outside_adds_up() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    outside refunds_outsidepayment;
    counted record;
BEGIN
    SELECT count(*) AS refunds, coalesce(sum(amount), 0) AS amount INTO counted FROM refunds_refund
    WHERE upper(provider_reference) = upper(NEW.provider_reference) AND provider_reference = NEW.provider_reference
      AND provider = NEW.provider AND origin = 'external';
    SELECT * INTO outside FROM refunds_outsidepayment
    WHERE provider = NEW.provider AND reference = NEW.provider_reference;
    IF (outside.id IS NULL AND counted.refunds > 1) OR counted.amount > outside.amount THEN
        RAISE EXCEPTION 'refund % of the provider is counted twice', NEW.provider_reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS outside_payments_add_up ON refunds_refund;
CREATE CONSTRAINT TRIGGER outside_payments_add_up AFTER INSERT ON refunds_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.origin = 'external')
    EXECUTE FUNCTION refunds_outside_adds_up();

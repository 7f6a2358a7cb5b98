-- A refund that was paid by another way than its provider: above the limit two people say so, and while only one has,
-- it is neither tried again nor rejected.

CREATE OR REPLACE FUNCTION refunds_another_way_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'executed' THEN
        IF EXISTS (SELECT FROM refunds_refundattempt
                   WHERE refund_id = NEW.id AND outcome = 'paid' AND gateway <> NEW.provider)
           AND NOT EXISTS (SELECT FROM refunds_otherpayment
                           WHERE refund_id = NEW.id AND withdrawn_at IS NULL AND (confirmed_by_id IS NOT NULL
                               OR refunds_approvals_needed(NEW.seller_id, NEW.currency, NEW.amount) < 2)) THEN
            RAISE EXCEPTION 'refund % was paid another way: two people say so', NEW.number
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF EXISTS (SELECT FROM refunds_otherpayment
                  WHERE refund_id = NEW.id AND confirmed_by_id IS NULL AND withdrawn_at IS NULL) THEN
        RAISE EXCEPTION 'refund % may have been paid another way', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS another_way_is_said_by_enough ON refunds_refund;
CREATE TRIGGER another_way_is_said_by_enough BEFORE UPDATE OF status ON refunds_refund
    FOR EACH ROW WHEN (OLD.status = 'failed' AND NEW.status IN ('executed', 'approved', 'rejected'))
    EXECUTE FUNCTION refunds_another_way_guard();

-- A refund above its seller's limit needs two approvals, and a rule approves a refund without a person only up to the
-- amount that the seller's policy allows. Which rule approved a refund stays on record unless the approval is undone.

CREATE OR REPLACE FUNCTION refunds_approvals_suffice(refund refunds_refund) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF refund.approvals_needed < 2 AND EXISTS (
        SELECT FROM refunds_refundlimit
        WHERE policy_id = refund.seller_id AND currency = refund.currency AND second_approver_above < refund.amount
    ) THEN
        RAISE EXCEPTION 'refund % is above the limit: two people approve it', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION refunds_rule_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'proposed' AND NEW.status = 'approved' THEN
        PERFORM refunds_approvals_suffice(NEW);
        IF NEW.approved_by_rule <> '' AND NOT EXISTS (
            SELECT FROM refunds_refundlimit
            WHERE policy_id = NEW.seller_id AND currency = NEW.currency AND unattended_upto >= NEW.amount
        ) THEN
            RAISE EXCEPTION 'no policy approves refund % without a person', NEW.number
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.approved_by_rule <> OLD.approved_by_rule
          AND NOT (OLD.status = 'approved' AND NEW.status = 'proposed') THEN
        RAISE EXCEPTION 'who approved refund % is on record', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS refund_rules_stay_within_the_policy ON refunds_refund;
CREATE TRIGGER refund_rules_stay_within_the_policy BEFORE UPDATE ON refunds_refund
    FOR EACH ROW WHEN (NEW.status <> OLD.status OR NEW.approved_by_rule <> OLD.approved_by_rule)
    EXECUTE FUNCTION refunds_rule_guard();

-- How many people approve a refund, and what a policy approves without a person: every statement asks the functions
-- here. refunds/rules/policy.py says the same of policies that are not stored, and a test compares both on generated
-- amounts. Limits count per order and day of the seller: `of_day` is the refund's amount with refunds_given_today().
-- A currency in which the seller has set no limits fails closed: two people approve whatever is above zero, and nothing
-- is approved without a person. Which rule approved a refund stays on record unless the approval is undone.

-- What was approved, or paid past us, of the order today besides this refund.
CREATE OR REPLACE FUNCTION refunds_given_today(of_order bigint, besides bigint) RETURNS bigint
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(r.amount), 0)::bigint FROM refunds_refund r JOIN orders_seller s ON s.id = r.seller_id
    WHERE r.order_id = of_order AND r.id IS DISTINCT FROM besides
      AND r.status IN ('approved', 'executing', 'pending', 'executed', 'failed', 'in_doubt')
      AND coalesce(CASE WHEN r.origin = 'external' THEN r.executed_at ELSE r.decided_at END, now())
          >= (now() AT TIME ZONE s.time_zone)::date::timestamp AT TIME ZONE s.time_zone
$$;

CREATE OR REPLACE FUNCTION refunds_approvals_needed(seller bigint, of_currency text, of_day bigint) RETURNS int
    LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN of_day > CASE WHEN l.id IS NULL THEN 0 ELSE l.second_approver_above END THEN 2 ELSE 1 END
    FROM (SELECT) always LEFT JOIN refunds_refundlimit l ON l.policy_id = seller AND l.currency = of_currency
$$;

CREATE OR REPLACE FUNCTION refunds_approved_by_policy(seller bigint, of_currency text, of_day bigint) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT refunds_approvals_needed(seller, of_currency, of_day) = 1 AND EXISTS (
        SELECT FROM refunds_refundlimit
        WHERE policy_id = seller AND currency = of_currency AND unattended_upto >= of_day)
$$;

CREATE OR REPLACE FUNCTION refunds_approvals_suffice(refund refunds_refund) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF refund.approvals_needed < refunds_approvals_needed(
            refund.seller_id, refund.currency, refund.amount + refunds_given_today(refund.order_id, refund.id)) THEN
        RAISE EXCEPTION 'refund % is above the limit: two people approve it', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION refunds_rule_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'proposed' AND NEW.status = 'approved' THEN
        -- Two refunds of one order are approved one after the other: the second counts the first.
        PERFORM FROM orders_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
        PERFORM refunds_approvals_suffice(NEW);
        IF NEW.approved_by_rule <> '' AND NOT refunds_approved_by_policy(
                NEW.seller_id, NEW.currency, NEW.amount + refunds_given_today(NEW.order_id, NEW.id)) THEN
            RAISE EXCEPTION 'no policy approves refund % without a person', NEW.number
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.status = 'failed' AND NEW.status = 'approved'
          AND (NEW.approvals_needed < refunds_approvals_needed(NEW.seller_id, NEW.currency, NEW.amount)
               OR NEW.approved_by_rule <> ''
               AND NOT refunds_approved_by_policy(NEW.seller_id, NEW.currency, NEW.amount)) THEN
        RAISE EXCEPTION 'refund % is above the limit by now: more people approve it', NEW.number
            USING ERRCODE = 'check_violation';
    ELSIF NEW.approved_by_rule <> OLD.approved_by_rule
          AND NOT (OLD.status = 'approved' AND NEW.status = 'proposed')
          AND NOT (OLD.status = 'failed' AND NEW.approved_by_rule = '' AND NEW.approved_by_id IS NOT NULL) THEN
        RAISE EXCEPTION 'who approved refund % is on record', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS refund_rules_stay_within_the_policy ON refunds_refund;
CREATE TRIGGER refund_rules_stay_within_the_policy BEFORE UPDATE ON refunds_refund
    FOR EACH ROW WHEN (NEW.status <> OLD.status OR NEW.approved_by_rule <> OLD.approved_by_rule)
    EXECUTE FUNCTION refunds_rule_guard();

-- A refund begins as proposed (one made at the provider begins as executed), moves only as listed here, and is never
-- deleted. Its amounts change only until it is decided; its order, number, origin and proposer never change; who
-- edited and who approved it stays on record, and a failed one may gain approvals. A rejection can be undone for ten
-- minutes.
-- Uses refunds_approvals_suffice() of approvals.sql.

CREATE OR REPLACE FUNCTION refunds_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    approved_again boolean;
    amounts_changed boolean;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.origin = 'external' THEN
        IF NEW.status <> 'executed' THEN
            RAISE EXCEPTION 'refund % was made elsewhere: it begins as executed', NEW.number
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.edited_by_id IS DISTINCT FROM OLD.edited_by_id
       AND OLD.status NOT IN ('proposed', 'on_hold') THEN
        RAISE EXCEPTION 'who edited refund % is on record', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.origin = 'external'
       AND (NEW.provider, NEW.provider_reference) IS DISTINCT FROM (OLD.provider, OLD.provider_reference) THEN
        RAISE EXCEPTION 'refund % stays what the provider calls it', NEW.number USING ERRCODE = 'check_violation';
    END IF;
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
        ('approved', 'executing'), ('approved', 'withdrawn'), ('approved', 'proposed'), ('approved', 'failed'),
        ('executing', 'executed'), ('executing', 'pending'), ('executing', 'failed'), ('executing', 'in_doubt'),
        ('executing', 'approved'), ('pending', 'executed'), ('pending', 'failed'),
        ('in_doubt', 'executing'), ('in_doubt', 'executed'), ('in_doubt', 'pending'), ('in_doubt', 'failed'),
        ('failed', 'approved'), ('failed', 'executed'), ('failed', 'rejected'), ('failed', 'withdrawn'),
        ('rejected', 'proposed'), ('executed', 'failed')
    ) THEN
        RAISE EXCEPTION 'refund % never goes from % to %', NEW.number, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.status, NEW.status) = ('rejected', 'proposed')
       AND OLD.decided_at < now() - interval '10 minutes' THEN
        RAISE EXCEPTION 'refund % was rejected for good', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    -- A failed refund gains the approvals that it lacks by today's limits; those that it has stay on record.
    approved_again := OLD.status = 'failed' AND NEW.status = 'failed'
        AND (OLD.approved_by_id IS NULL OR OLD.approved_by_id IS NOT DISTINCT FROM NEW.approved_by_id)
        AND (OLD.second_approved_by_id IS NULL
             OR OLD.second_approved_by_id IS NOT DISTINCT FROM NEW.second_approved_by_id);
    amounts_changed := (NEW.amount, NEW.items_amount, NEW.shipping_amount, NEW.rounding_amount, NEW.tax_amount,
                        NEW.currency)
        IS DISTINCT FROM (OLD.amount, OLD.items_amount, OLD.shipping_amount, OLD.rounding_amount, OLD.tax_amount,
                          OLD.currency);
    IF amounts_changed OR NEW.approvals_needed <> OLD.approvals_needed THEN
        IF (OLD.status NOT IN ('proposed', 'on_hold') OR NEW.approved_by_id IS NOT NULL)
           AND (amounts_changed OR NOT approved_again OR NEW.approvals_needed < OLD.approvals_needed) THEN
            RAISE EXCEPTION 'the amounts of refund % are decided', NEW.number USING ERRCODE = 'check_violation';
        END IF;
        PERFORM refunds_approvals_suffice(NEW);
    END IF;
    IF OLD.status NOT IN ('proposed', 'on_hold') AND NEW.status <> 'proposed' AND NOT approved_again
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

DROP TRIGGER IF EXISTS refund_moves_as_listed ON refunds_refund;
CREATE TRIGGER refund_moves_as_listed BEFORE INSERT OR UPDATE OR DELETE ON refunds_refund
    FOR EACH ROW EXECUTE FUNCTION refunds_guard();

-- An attempt belongs to a refund that is executing, or that was paid elsewhere; it is the only one that may have paid,
-- and stays what it was; its outcome moves only as listed here. At commit, a refund that is executing has an open
-- attempt of its amount on record, one that is executed or pending has such an attempt of its amount, and one that went
-- back to approved none that may have paid.

CREATE OR REPLACE FUNCTION refunds_attempt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'attempts are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM refunds_refund WHERE id = NEW.refund_id AND (status = 'executing'
                           OR (NEW.outcome = 'paid' AND (origin, status) IN (
                               ('external', 'executed'), ('warehouse', 'failed'), ('staff', 'failed'))))) THEN
            RAISE EXCEPTION 'an attempt belongs to a refund that is executing' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT FROM refunds_refundattempt
                   WHERE refund_id = NEW.refund_id AND outcome IN ('', 'paid', 'pending', 'unclear')) THEN
            RAISE EXCEPTION 'an earlier attempt was paid, or nobody knows' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.refund_id, NEW.number, NEW.key, NEW.gateway, NEW.amount, NEW.currency)
       IS DISTINCT FROM (OLD.refund_id, OLD.number, OLD.key, OLD.gateway, OLD.amount, OLD.currency)
       OR (NEW.outcome <> OLD.outcome AND OLD.outcome <> '' AND (OLD.outcome, NEW.outcome) NOT IN (
           ('unclear', 'paid'), ('unclear', 'pending'), ('unclear', 'declined'), ('unclear', 'absent'),
           ('pending', 'paid'), ('pending', 'declined'),
           ('absent', 'paid'), ('absent', 'pending'), ('absent', 'declined'), ('paid', 'reversed'))) THEN
        RAISE EXCEPTION 'an attempt stays what it was' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS attempts_stay_what_they_were ON refunds_refundattempt;
CREATE TRIGGER attempts_stay_what_they_were BEFORE INSERT OR UPDATE OR DELETE ON refunds_refundattempt
    FOR EACH ROW EXECUTE FUNCTION refunds_attempt_guard();

-- enable_seqscan: see committed_totals.sql.
CREATE OR REPLACE FUNCTION refunds_attempt_is_on_record() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
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
    IF refund.status = 'pending' AND NOT EXISTS (
        SELECT FROM refunds_refundattempt
        WHERE refund_id = refund.id AND outcome = 'pending'
          AND (amount, currency) = (refund.amount, refund.currency)) THEN
        RAISE EXCEPTION 'refund % is pending without a pending attempt on record', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF refund.status = 'approved' AND EXISTS (
        SELECT FROM refunds_refundattempt
        WHERE refund_id = refund.id AND outcome IN ('', 'paid', 'pending', 'unclear')) THEN
        RAISE EXCEPTION 'refund % may have been sent: it is not waiting to be', refund.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS refund_attempt_is_on_record ON refunds_refund;
CREATE CONSTRAINT TRIGGER refund_attempt_is_on_record AFTER UPDATE OF status ON refunds_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status IN ('executing', 'pending', 'executed')
          OR (OLD.status = 'executing' AND NEW.status = 'approved'))
    EXECUTE FUNCTION refunds_attempt_is_on_record();

-- Once the installation went live, whatever loosens a limit, a daily cap or auto-approval is confirmed by a second,
-- independent person before it counts; what tightens one needs nobody else. A request never changes, is decided once
-- and stays on record. refunds/rules/policy.py says what loosens (`raises`), and a test compares both on generated
-- limits. Uses refunds_expect_second_person() of independent.sql.

CREATE OR REPLACE FUNCTION refunds_two_people_change() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM refunds_sendingswitch WHERE seller_id IS NULL AND went_live_at IS NOT NULL)
$$;

CREATE OR REPLACE FUNCTION refunds_went_live_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'since when two people change limits stays on record' USING ERRCODE = 'check_violation';
END $$;

DROP TRIGGER IF EXISTS went_live_for_good ON refunds_sendingswitch;
CREATE TRIGGER went_live_for_good BEFORE UPDATE ON refunds_sendingswitch
    FOR EACH ROW WHEN (OLD.went_live_at IS NOT NULL AND NEW.went_live_at IS DISTINCT FROM OLD.went_live_at)
    EXECUTE FUNCTION refunds_went_live_for_good();
DROP TRIGGER IF EXISTS went_live_stays ON refunds_sendingswitch;
CREATE TRIGGER went_live_stays BEFORE DELETE ON refunds_sendingswitch
    FOR EACH ROW WHEN (OLD.went_live_at IS NOT NULL) EXECUTE FUNCTION refunds_went_live_for_good();

-- The requests.

CREATE OR REPLACE FUNCTION refunds_pending_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what was requested stays on record' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'waiting' THEN
            RAISE EXCEPTION 'a change begins as waiting' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'waiting' OR NEW.state = 'waiting'
       OR (NEW.kind, NEW.subject, NEW.seller_id, NEW.was, NEW.wanted, NEW.why, NEW.requested_by_id, NEW.requested_at)
          IS DISTINCT FROM
          (OLD.kind, OLD.subject, OLD.seller_id, OLD.was, OLD.wanted, OLD.why, OLD.requested_by_id, OLD.requested_at)
    THEN
        RAISE EXCEPTION 'what was requested or decided stays what it was' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'confirmed' THEN
        -- Within the transaction that confirms it, the change counts: see refunds_confirmed().
        NEW.decided_at := now();
        IF NEW.decided_by_id <> NEW.requested_by_id THEN
            PERFORM refunds_expect_second_person(
                NEW.decided_by_id, ARRAY[NEW.requested_by_id]::bigint[], 'a change of ' || NEW.kind);
        END IF;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS changes_are_decided_once ON refunds_pendingchange;
CREATE TRIGGER changes_are_decided_once BEFORE INSERT OR UPDATE OR DELETE ON refunds_pendingchange
    FOR EACH ROW EXECUTE FUNCTION refunds_pending_change_guard();

CREATE OR REPLACE FUNCTION refunds_confirmed(of_kind text, of_subject text, value jsonb) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM refunds_pendingchange
        WHERE (kind, subject, state, decided_at) = (of_kind, of_subject, 'confirmed', now())
          AND wanted IS NOT DISTINCT FROM value)
$$;

-- The limits. Empty is no limit and no cap; without a row two people approve everything above zero.

CREATE OR REPLACE FUNCTION refunds_loosens(was refunds_refundlimit, becomes refunds_refundlimit) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN becomes.id IS NULL THEN 0 ELSE coalesce(becomes.second_approver_above, 9223372036854775807) END
           > CASE WHEN was.id IS NULL THEN 0 ELSE coalesce(was.second_approver_above, 9223372036854775807) END
        OR coalesce(becomes.unattended_upto, -1) > coalesce(was.unattended_upto, -1)
        OR coalesce(becomes.daily_ceiling, 9223372036854775807) > coalesce(was.daily_ceiling, 9223372036854775807)
$$;

CREATE OR REPLACE FUNCTION refunds_limit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before refunds_refundlimit := CASE WHEN TG_OP <> 'INSERT' THEN OLD END;
    after refunds_refundlimit := CASE WHEN TG_OP <> 'DELETE' THEN NEW END;
BEGIN
    -- What a new seller begins with (first_limits.sql) comes from a trigger.
    IF pg_trigger_depth() = 1 AND refunds_two_people_change() THEN
        IF TG_OP = 'UPDATE' AND (NEW.policy_id, NEW.currency) <> (OLD.policy_id, OLD.currency) THEN
            RAISE EXCEPTION 'a limit stays in its currency' USING ERRCODE = 'check_violation';
        END IF;
        IF refunds_loosens(before, after) AND NOT refunds_confirmed(
               'limits', coalesce(NEW.policy_id, OLD.policy_id) || ':' || coalesce(NEW.currency, OLD.currency),
               CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE jsonb_build_object(
                   'second_approver_above', NEW.second_approver_above, 'unattended_upto', NEW.unattended_upto,
                   'daily_ceiling', NEW.daily_ceiling) END) THEN
            RAISE EXCEPTION 'a second person confirms before a limit is raised' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

DROP TRIGGER IF EXISTS raising_a_limit_needs_two ON refunds_refundlimit;
CREATE TRIGGER raising_a_limit_needs_two BEFORE INSERT OR UPDATE OR DELETE ON refunds_refundlimit
    FOR EACH ROW EXECUTE FUNCTION refunds_limit_guard();

-- A cap that is lifted for a day.

CREATE OR REPLACE FUNCTION refunds_lift_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF refunds_two_people_change() AND NOT refunds_confirmed(
           'lift', NEW.seller_id || ':' || NEW.currency || ':' || NEW.day, to_jsonb(NEW.day)) THEN
        RAISE EXCEPTION 'a second person confirms before a cap is lifted' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS lifting_a_cap_needs_two ON refunds_ceilinglift;
CREATE TRIGGER lifting_a_cap_needs_two BEFORE INSERT ON refunds_ceilinglift
    FOR EACH ROW WHEN (NOT NEW.restores) EXECUTE FUNCTION refunds_lift_guard();

-- Nobody stands behind two of the people who decide on a refund. Whoever set the password of an account, or created it,
-- could use it for 24 hours, and from there the next one; an API key is whoever created it or was shown its secret.
-- refunds/rules/second_person.py says the same, and a test compares both on generated histories. What was reset stays
-- on record. Uses orders_refuse() of orders/models/sql/append_only.sql.

CREATE OR REPLACE FUNCTION refunds_could_be(people bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE could AS (
        SELECT unnest(people) AS person
        UNION
        SELECT r.set_by_id FROM refunds_credentialreset r JOIN could c ON c.person = r.account_id
        WHERE r.set_at > now() - interval '24 hours')
    SELECT coalesce(array_agg(person), '{}') FROM could
$$;

CREATE OR REPLACE FUNCTION refunds_independent(one bigint, other bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT refunds_could_be(ARRAY[one]) && refunds_could_be(ARRAY[other])
$$;

-- The one check of a second person: of refunds, and of what else two people decide on (pending_changes.sql).
CREATE OR REPLACE FUNCTION refunds_expect_second_person(person bigint, beside bigint[], about text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM auth_user WHERE id = person AND is_superuser) THEN
        RAISE EXCEPTION 'superusers do not decide on %', about USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM unnest(beside) other WHERE other IS NOT NULL AND NOT refunds_independent(person, other)) THEN
        RAISE EXCEPTION 'one person could stand behind two who decide on %', about USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION refunds_second_person_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposers bigint[] := ARRAY[NEW.proposed_by_id, NEW.edited_by_id]::bigint[] || NEW.proposed_behind;
BEGIN
    -- That they are not the same account is said by the constraints of the table.
    IF NEW.approved_by_id IS NOT NULL AND NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id THEN
        PERFORM refunds_expect_second_person(
            NEW.approved_by_id, proposers || NEW.second_approved_by_id::bigint, 'refund ' || NEW.number);
    END IF;
    IF NEW.second_approved_by_id IS NOT NULL
       AND NEW.second_approved_by_id IS DISTINCT FROM OLD.second_approved_by_id THEN
        PERFORM refunds_expect_second_person(
            NEW.second_approved_by_id, proposers || NEW.approved_by_id::bigint, 'refund ' || NEW.number);
    END IF;
    RETURN NULL;
END $$;

-- After the statement's own checks, which name the plain cases.
DROP TRIGGER IF EXISTS nobody_stands_behind_two ON refunds_refund;
CREATE TRIGGER nobody_stands_behind_two AFTER UPDATE OF approved_by_id, second_approved_by_id ON refunds_refund
    FOR EACH ROW EXECUTE FUNCTION refunds_second_person_guard();

DROP TRIGGER IF EXISTS credential_resets_stay ON refunds_credentialreset;
CREATE TRIGGER credential_resets_stay BEFORE UPDATE OR DELETE ON refunds_credentialreset
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

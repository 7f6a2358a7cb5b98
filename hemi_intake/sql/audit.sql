-- Who logged in and what was changed in settings stays on record: log-ins, failed log-ins, the admin's log and the
-- history of policies are never changed, and deleted only by pruning, once they are old enough.
-- Uses orders_refuse() of orders/models/sql/append_only.sql.

-- A log-in gets its log-out, nothing else; it is deleted after a year.
CREATE OR REPLACE FUNCTION hemi_intake_keep_log_ins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.logout_time := NEW.logout_time;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.attempt_time < now() - interval '365 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

DROP TRIGGER IF EXISTS log_ins_stay ON axes_accesslog;
CREATE TRIGGER log_ins_stay BEFORE UPDATE OR DELETE ON axes_accesslog
    FOR EACH ROW EXECUTE FUNCTION hemi_intake_keep_log_ins();

-- A failed log-in is deleted after a year; after a day where nobody has that name: it may be a password.
CREATE OR REPLACE FUNCTION hemi_intake_keep_failed_log_ins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.attempt_time < now() - interval '365 days' OR (
        OLD.attempt_time < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM auth_user u WHERE u.username = OLD.username)
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

DROP TRIGGER IF EXISTS failed_log_ins_stay ON axes_accessfailurelog;
CREATE TRIGGER failed_log_ins_stay BEFORE DELETE ON axes_accessfailurelog
    FOR EACH ROW EXECUTE FUNCTION hemi_intake_keep_failed_log_ins();
DROP TRIGGER IF EXISTS failed_log_ins_never_change ON axes_accessfailurelog;
CREATE TRIGGER failed_log_ins_never_change BEFORE UPDATE ON axes_accessfailurelog
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS audit_entries_stay ON orders_auditentry;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON orders_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

-- Who exported what: the file goes, the row stays.
DROP TRIGGER IF EXISTS exports_stay ON orders_export;
CREATE TRIGGER exports_stay BEFORE DELETE ON orders_export FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS admin_log_stays ON django_admin_log;
CREATE TRIGGER admin_log_stays BEFORE UPDATE OR DELETE ON django_admin_log
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS policy_history_stays ON refunds_historicalrefundpolicy;
CREATE TRIGGER policy_history_stays BEFORE UPDATE OR DELETE ON refunds_historicalrefundpolicy
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();
DROP TRIGGER IF EXISTS limit_history_stays ON refunds_historicalrefundlimit;
CREATE TRIGGER limit_history_stays BEFORE UPDATE OR DELETE ON refunds_historicalrefundlimit
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();
DROP TRIGGER IF EXISTS reason_history_stays ON refunds_historicalreasonwords;
CREATE TRIGGER reason_history_stays BEFORE UPDATE OR DELETE ON refunds_historicalreasonwords
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

-- Nothing that stays on record is emptied at one stroke either.
DO $$
DECLARE
    recorded regclass;
BEGIN
    FOREACH recorded IN ARRAY ARRAY[
        'orders_orderevent', 'orders_attentionitem', 'refunds_refund', 'refunds_refunditem', 'refunds_refundattempt',
        'refunds_refundrevision', 'refunds_ceilinglift', 'refunds_credentialreset', 'refunds_pendingchange',
        'refunds_outsidepayment', 'refunds_otherpayment', 'orders_payment', 'orders_paymentshare',
        'axes_accesslog', 'axes_accessfailurelog', 'django_admin_log',
        'orders_auditentry', 'orders_export',
        'refunds_historicalrefundpolicy', 'refunds_historicalrefundlimit', 'refunds_historicalreasonwords'
    ]::regclass[] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS never_truncated ON %s', recorded);
        EXECUTE format(
            'CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse()',
            recorded
        );
    END LOOP;
END $$;

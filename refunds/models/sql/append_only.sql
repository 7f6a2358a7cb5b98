-- Revisions of refunds and lifts of a ceiling are append-only; payments past us and by another way are never deleted.
-- Uses orders_refuse() of orders/models/sql/append_only.sql.

DROP TRIGGER IF EXISTS revisions_stay ON refunds_refundrevision;
CREATE TRIGGER revisions_stay BEFORE UPDATE OR DELETE ON refunds_refundrevision
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS ceiling_lifts_stay ON refunds_ceilinglift;
CREATE TRIGGER ceiling_lifts_stay BEFORE UPDATE OR DELETE ON refunds_ceilinglift
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

-- What is decided of these is written into them, but none ever goes.
DROP TRIGGER IF EXISTS outside_payments_stay ON refunds_outsidepayment;
CREATE TRIGGER outside_payments_stay BEFORE DELETE ON refunds_outsidepayment
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS other_payments_stay ON refunds_otherpayment;
CREATE TRIGGER other_payments_stay BEFORE DELETE ON refunds_otherpayment
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

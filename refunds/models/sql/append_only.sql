-- Revisions of refunds and lifts of a ceiling are append-only: never changed, never deleted.
-- Uses orders_refuse() of orders/models/sql/append_only.sql.

DROP TRIGGER IF EXISTS revisions_stay ON refunds_refundrevision;
CREATE TRIGGER revisions_stay BEFORE UPDATE OR DELETE ON refunds_refundrevision
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

DROP TRIGGER IF EXISTS ceiling_lifts_stay ON refunds_ceilinglift;
CREATE TRIGGER ceiling_lifts_stay BEFORE UPDATE OR DELETE ON refunds_ceilinglift
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();

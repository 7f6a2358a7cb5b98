-- Since when is an order overdue, if its seller waits so many days for it? NULL: it is not, and time alone will not
-- make it so. Only what the warehouse has begun and not finished is overdue, and not while the order is on hold.

CREATE OR REPLACE FUNCTION refunds_overdue_at(o orders_order, days int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.started AND NOT o.on_hold AND o.outstanding_units > 0
        THEN o.placed_at + days * interval '24 hours' END
$$;

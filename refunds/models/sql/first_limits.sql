-- The limits that every seller begins with, in its currency: two people above about 100 EUR's worth, and a daily cap of
-- ten times as much. Nothing is auto-approved. In any other currency there is no row, which fails closed.
-- Amounts are whole minor units, and round: managers set their own.

CREATE OR REPLACE FUNCTION refunds_first_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO refunds_refundpolicy (seller_id, propose_cancelled, propose_closed_short, refund_shipping, version)
    VALUES (NEW.id, true, true, true, 1);
    INSERT INTO refunds_historicalrefundpolicy
        (seller_id, propose_cancelled, propose_closed_short, refund_shipping, history_date, history_type)
    VALUES (NEW.id, true, true, true, now(), '+');
    WITH made AS (
    INSERT INTO refunds_refundlimit (policy_id, currency, second_approver_above, daily_ceiling)
    SELECT NEW.id, one.currency, one.amount, 10 * one.amount FROM (VALUES
        ('EUR', 10000), ('GBP', 9000), ('USD', 11000), ('CHF', 9500), ('SEK', 110000), ('NOK', 115000),
        ('DKK', 75000), ('PLN', 43000), ('CZK', 250000), ('HUF', 4000000), ('RON', 50000), ('ISK', 15000),
        ('TRY', 450000), ('JPY', 16000), ('CNY', 80000), ('HKD', 90000), ('SGD', 14500), ('KRW', 150000),
        ('INR', 950000), ('THB', 370000), ('AUD', 17000), ('NZD', 18500), ('CAD', 15000), ('BRL', 60000),
        ('MXN', 210000), ('ZAR', 200000), ('ILS', 38000), ('AED', 40000), ('SAR', 40000), ('KWD', 33000),
        ('BHD', 41000)
    ) one (currency, amount) WHERE one.currency = NEW.currency
    RETURNING id, policy_id, currency, second_approver_above, daily_ceiling)
    INSERT INTO refunds_historicalrefundlimit
        (id, policy_id, currency, second_approver_above, daily_ceiling, history_date, history_type)
    SELECT id, policy_id, currency, second_approver_above, daily_ceiling, now(), '+' FROM made;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS sellers_begin_with_limits ON orders_seller;
CREATE TRIGGER sellers_begin_with_limits AFTER INSERT ON orders_seller
    FOR EACH ROW EXECUTE FUNCTION refunds_first_limits();

-- A shipment keeps the address that its order had when it was confirmed, whatever becomes of the order's afterwards.
-- An address that is replaced stays readable.

CREATE OR REPLACE FUNCTION orders_keep_where_it_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT shipping_address INTO NEW.sent_to FROM orders_order WHERE id = NEW.order_id;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS shipments_keep_where_they_went ON orders_shipment;
CREATE TRIGGER shipments_keep_where_they_went BEFORE INSERT OR UPDATE OF planned ON orders_shipment
    FOR EACH ROW WHEN (NEW.sent_to IS NULL AND NOT NEW.planned) EXECUTE FUNCTION orders_keep_where_it_went();

CREATE OR REPLACE FUNCTION orders_keep_former_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_formeraddress (order_id, address) VALUES (OLD.id, OLD.shipping_address);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS former_addresses_stay ON orders_order;
CREATE TRIGGER former_addresses_stay AFTER UPDATE OF shipping_address ON orders_order
    FOR EACH ROW WHEN (OLD.shipping_address <> NEW.shipping_address AND OLD.shipping_address <> '{}')
    EXECUTE FUNCTION orders_keep_former_address();

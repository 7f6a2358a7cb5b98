-- orders_searchword holds the words of every order's customer and shipping address, orders_productword those of every
-- product's names; they follow orders and items, whoever writes them. A search by the beginning of a word stops where
-- nobody reads further; an index over whole names would collect every order of a name before it gives the first.

CREATE OR REPLACE FUNCTION orders_words(name text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT word
    FROM regexp_split_to_table(orders_fold(name), '[\s!-/:-@\[-`{-~\u00a0\u2010-\u201f]+') AS word
    WHERE word <> ''
$$;

CREATE OR REPLACE FUNCTION orders_search_words(name text, address jsonb) RETURNS SETOF text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT orders_words(concat_ws(' ', name, address ->> 'name', address ->> 'company', address ->> 'line1',
        address ->> 'line2', address ->> 'city'))
$$;

CREATE OR REPLACE FUNCTION orders_add_search_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_searchword (word, order_id, seller_id)
    SELECT w, n.id, n.seller_id
    FROM added n CROSS JOIN LATERAL orders_search_words(n.customer_name, n.shipping_address) w;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION orders_change_search_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM orders_searchword
    WHERE order_id = OLD.id
        AND word = ANY (ARRAY(SELECT orders_search_words(OLD.customer_name, OLD.shipping_address)));
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO orders_searchword (word, order_id, seller_id)
        SELECT w, NEW.id, NEW.seller_id FROM orders_search_words(NEW.customer_name, NEW.shipping_address) w;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS search_words_of_new_orders ON orders_order;
CREATE TRIGGER search_words_of_new_orders AFTER INSERT ON orders_order REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_search_words();

DROP TRIGGER IF EXISTS search_words_of_changed_orders ON orders_order;
CREATE TRIGGER search_words_of_changed_orders
    AFTER UPDATE OF customer_name, shipping_address, seller_id ON orders_order FOR EACH ROW
    WHEN ((OLD.customer_name, OLD.shipping_address, OLD.seller_id)
        IS DISTINCT FROM (NEW.customer_name, NEW.shipping_address, NEW.seller_id))
    EXECUTE FUNCTION orders_change_search_words();

DROP TRIGGER IF EXISTS search_words_of_deleted_orders ON orders_order;
CREATE TRIGGER search_words_of_deleted_orders AFTER DELETE ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_change_search_words();

-- A product is found by every name that it was ever sold under.
CREATE OR REPLACE FUNCTION orders_add_product_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_productword (word, seller_id, sku)
    SELECT DISTINCT w, p.seller_id, p.sku
    FROM (SELECT DISTINCT o.seller_id, n.sku, n.name FROM added n JOIN orders_order o ON o.id = n.order_id) p
    CROSS JOIN LATERAL orders_words(p.name) w
    WHERE NOT EXISTS (SELECT FROM orders_productword k WHERE (k.word, k.seller_id, k.sku) = (w, p.seller_id, p.sku));
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS words_of_new_products ON orders_orderitem;
CREATE TRIGGER words_of_new_products AFTER INSERT ON orders_orderitem REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_product_words();

CREATE OR REPLACE FUNCTION orders_rename_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_productword (word, seller_id, sku)
    SELECT w, o.seller_id, NEW.sku FROM orders_order o CROSS JOIN LATERAL orders_words(NEW.name) w
    WHERE o.id = NEW.order_id AND NOT EXISTS (
        SELECT FROM orders_productword k WHERE (k.word, k.seller_id, k.sku) = (w, o.seller_id, NEW.sku));
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS words_of_renamed_products ON orders_orderitem;
CREATE TRIGGER words_of_renamed_products AFTER UPDATE OF name ON orders_orderitem FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION orders_rename_product();

-- How rare a word is decides whether it is looked up behind another word of the search, or all its orders are read.
ALTER TABLE orders_searchword ALTER COLUMN word SET STATISTICS 1000;

-- orders_nameword holds the words of every order's customer name, and follows each insert, change and deletion of an
-- order, whoever writes it. A search by the beginning of a word stops where nobody reads further; an index over whole
-- names would collect every order of a name before it gives the first.

CREATE OR REPLACE FUNCTION orders_name_words(name text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT word FROM regexp_split_to_table(lower(name), '[\s!-/:-@\[-`{-~\u00a0\u2010-\u201f]+') AS word
    WHERE word <> ''
$$;

CREATE OR REPLACE FUNCTION orders_add_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_nameword (word, order_id, seller_id)
    SELECT w, n.id, n.seller_id FROM added n CROSS JOIN LATERAL orders_name_words(n.customer_name) w;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION orders_change_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM orders_nameword
    WHERE order_id = OLD.id AND word = ANY (ARRAY(SELECT orders_name_words(OLD.customer_name)));
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO orders_nameword (word, order_id, seller_id)
        SELECT w, NEW.id, NEW.seller_id FROM orders_name_words(NEW.customer_name) w;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS name_words_of_new_orders ON orders_order;
CREATE TRIGGER name_words_of_new_orders AFTER INSERT ON orders_order REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_name_words();

DROP TRIGGER IF EXISTS name_words_of_changed_orders ON orders_order;
CREATE TRIGGER name_words_of_changed_orders AFTER UPDATE OF customer_name, seller_id ON orders_order FOR EACH ROW
    WHEN ((OLD.customer_name, OLD.seller_id) IS DISTINCT FROM (NEW.customer_name, NEW.seller_id))
    EXECUTE FUNCTION orders_change_name_words();

DROP TRIGGER IF EXISTS name_words_of_deleted_orders ON orders_order;
CREATE TRIGGER name_words_of_deleted_orders AFTER DELETE ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_change_name_words();

-- How rare a word is decides whether it is looked up behind another word of the search, or all its orders are read.
ALTER TABLE orders_nameword ALTER COLUMN word SET STATISTICS 1000;

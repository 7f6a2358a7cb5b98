-- The digest of an archived message is deleted with its message. No foreign key connects the two tables.
-- enable_seqscan: a connection plans a function's statements once, perhaps while the tables are still empty.

CREATE OR REPLACE FUNCTION integrations_forget_digests() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM integrations_messagedigest d USING gone g WHERE d.message_id = g.id;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS digests_go_with_their_messages ON integrations_archivedmessage;
CREATE TRIGGER digests_go_with_their_messages AFTER DELETE ON integrations_archivedmessage
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION integrations_forget_digests();

-- How many requests each API key made in its present minute. The table is not logged: no crash needs to preserve these
-- counts, and counting waits for no disk.

CREATE UNLOGGED TABLE IF NOT EXISTS integrations_apiusage (
    key_id bigint PRIMARY KEY,
    minute timestamptz NOT NULL,
    requests int NOT NULL
) WITH (fillfactor = 50);

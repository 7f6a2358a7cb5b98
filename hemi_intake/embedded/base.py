"""When is the embedded PostgreSQL started? At the first connection, so that commands without one stay quick."""

from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base

from hemi_intake import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend, which starts its server first."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection to the embedded server, started when nobody has started it yet."""
        directory = self.settings_dict["EMBEDDED_DB_DIR"]
        try:
            embedded.ensure_running(directory)
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError:
                embedded.revive(directory)
                return super().get_new_connection(conn_params)
        except embedded.DidNotStart as failed:
            raise OperationalError(str(failed)) from failed

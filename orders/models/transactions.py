"""Which transaction wrote a row? Its id tells readers what has become visible for good, which no row's id does."""

from typing import Any

from django.db import models


class TransactionId(models.BigIntegerField[Any, Any]):
    """PostgreSQL's own 64-bit id of the transaction that inserted the row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        kwargs["db_default"] = models.Func(function="pg_current_xact_id", output_field=models.BigIntegerField())
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"], kwargs["db_default"]
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

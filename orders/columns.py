"""How do many rows travel to the database in one statement? As one array per column. (pure)

The database driver writes arrays value by value, which costs more than the statement that reads them; here each
column becomes its text at once.
"""

from collections.abc import Sequence

Column = tuple[str, str, Sequence[object]]
"""A name, a PostgreSQL type (text, or one whose values need no quotes), and the values."""


def unnest(columns: Sequence[Column]) -> tuple[str, list[str]]:
    """Answer `unnest(...) AS t(names)`, to read the rows from, and its parameters."""
    names = ", ".join(name for name, _, _ in columns)
    arrays = ", ".join(f"%s::{kind}[]" for _, kind, _ in columns)
    return f"unnest({arrays}) AS t({names})", [array(kind, values) for _, kind, values in columns]


def array(kind: str, values: Sequence[object]) -> str:
    """Write values as PostgreSQL reads an array; None is NULL, except in a text, which must not be None."""
    if not values:
        return "{}"
    if kind == "text":
        return _texts([str(value) for value in values])
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def _texts(values: list[str]) -> str:
    whole = "\0".join(values)
    if whole.count("\0") != len(values) - 1:
        raise ValueError("a text holds a character that PostgreSQL does not store")
    if '"' in whole or "\\" in whole:
        whole = whole.replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + whole.replace("\0", '","') + '"}'

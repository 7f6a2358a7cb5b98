"""How do many rows travel to the database in one statement? As one array per column. (pure)

The database driver writes arrays value by value, which costs more than the statement that reads them; here each
column becomes its text at once.
"""

import json
from collections.abc import Sequence
from typing import cast

Column = tuple[str, str, Sequence[object]]
"""A name, a PostgreSQL type (text, or one whose values need no quotes), and the values."""


def unnest(
    columns: Sequence[Column], *, documents: tuple[str, Sequence[object]] | None = None
) -> tuple[str, list[str]]:
    """Answer `unnest(...) AS t(names)`, to read the rows from, and its parameters.

    With `documents` there is one more column, of JSON, and `n`, which counts the rows.
    """
    names = ", ".join(name for name, _, _ in columns)
    arrays = ", ".join(f"%s::{kind}[]" for _, kind, _ in columns)
    parameters = [array(kind, values) for _, kind, values in columns]
    if documents is None:
        return f"unnest({arrays}) AS t({names})", parameters
    # All of them written at once: an encoder takes longer to begin than to write one.
    name, values = documents
    rows = f"ROWS FROM (unnest({arrays}), jsonb_array_elements(%s::jsonb)) WITH ORDINALITY AS t({names}, {name}, n)"
    return rows, [*parameters, json.dumps(values, separators=(",", ":"))]


def array(kind: str, values: Sequence[object]) -> str:
    """Write values as PostgreSQL reads an array; None is NULL, except in a text, which must not be None."""
    if not values:
        return "{}"
    if kind == "text":
        return _texts(cast(Sequence[str], values))
    if kind == "timestamptz":
        # Few moments stand in many rows, and writing one takes longer than looking it up.
        texts = {moment: str(moment) for moment in set(values)}
        values = [texts[moment] for moment in values]
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def _texts(values: Sequence[str]) -> str:
    whole = "\0".join(values)
    if whole.count("\0") != len(values) - 1:
        raise ValueError("a text holds a character that PostgreSQL does not store")
    if '"' in whole or "\\" in whole:
        whole = whole.replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + whole.replace("\0", '","') + '"}'

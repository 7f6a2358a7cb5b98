"""How does a command refuse? With the sentence and the code of what the act refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from orders.errors import ActionRefused


@contextmanager
def refusals_as_errors() -> Iterator[None]:
    """Turn a refused act into the command's error."""
    try:
        yield
    except ActionRefused as refused:
        raise CommandError(f"{refused} ({refused.code})") from None

"""Was an act refused, and by which code? Sentences only where the sentence is what the test is about."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from orders.errors import ActionRefused


@contextmanager
def refused(code: str, *, says: str = "") -> Iterator[pytest.ExceptionInfo[ActionRefused]]:
    """The act inside is refused with this code, in a sentence that holds `says`."""
    with pytest.raises(ActionRefused) as caught:
        yield caught
    assert caught.value.code == code, f"{caught.value.code}: {caught.value}"
    assert says in str(caught.value)

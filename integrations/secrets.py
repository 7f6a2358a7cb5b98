"""How are other systems' keys stored? Encrypted with the first of FIELD_KEYS; every key in the list decrypts."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Undecryptable(Exception):
    """There is no secret to use: the key that sealed it was removed, or it was forgotten."""


class Secret:
    """A decrypted secret that never shows itself in a log, a traceback or a page."""

    def __init__(self, sealed: str) -> None:
        self._sealed = sealed

    def reveal(self) -> str:
        """The plain text. Raises Undecryptable with a sentence for the person on duty."""
        try:
            plain = _fernet(tuple(settings.FIELD_KEYS)).decrypt(self._sealed.encode()).decode()
        except InvalidToken:
            raise Undecryptable("None of FIELD_KEYS opens this key: restore the old key, or enter it anew.") from None
        if not plain:
            raise Undecryptable("the address has changed since it was entered")
        return plain

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    @property
    def sealed(self) -> str:
        return self._sealed


class EncryptedField(models.TextField[Any, Any]):
    """A text column that holds only sealed text; assign plain text, read a `Secret`."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Secret | None:
        return None if value is None else Secret(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Secret):
            return value and value.sealed
        return _fernet(tuple(settings.FIELD_KEYS)).encrypt(str(value).encode()).decode()

    def value_to_string(self, obj: models.Model) -> str:
        return "…"


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])

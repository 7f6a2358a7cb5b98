"""What does a key open, and what is kept of it?"""

import hashlib
import io
import json
import logging
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from hemi_intake import logs
from integrations.api import keys as api_keys
from integrations.models import ApiKey
from tests.builders import make_staff
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def test_only_a_digest_of_a_key_is_stored() -> None:
    key, plain = api_keys.create("finance")

    assert re.fullmatch(r"hemi_[0-9a-f]{8}_[0-9a-f]{64}", plain)
    stored = ApiKey.objects.values().get()
    assert (stored["name"], stored["prefix"], stored["digest"]) == (
        "finance",
        plain[5:13],
        hashlib.sha256(plain.encode()).hexdigest(),
    )
    assert plain[14:] not in str(stored)
    assert api_keys.authenticate(plain) == key


def test_a_second_key_of_the_same_name_is_refused() -> None:
    api_keys.create("finance")

    with refused("name_taken"):
        api_keys.create("finance")

    assert ApiKey.objects.count() == 1


def test_a_revoked_key_opens_nothing() -> None:
    key, plain = api_keys.create("finance")
    _, other = api_keys.create("support")

    assert api_keys.revoke(key) is True
    first = ApiKey.objects.get(pk=key.pk).revoked_at
    assert api_keys.revoke(key) is False

    assert api_keys.authenticate(plain) is None
    assert api_keys.authenticate(other) is not None
    assert ApiKey.objects.get(pk=key.pk).revoked_at == first


def test_what_is_nearly_a_key_opens_nothing() -> None:
    _, plain = api_keys.create("finance")
    _, other = api_keys.create("support")
    wrong_end = plain[:-1] + ("0" if plain[-1] != "0" else "1")

    for wrong in (wrong_end, plain[:13] + other[13:], plain.upper(), plain + "\n", plain[:14], "", "hemi_", "\x00"):
        assert api_keys.authenticate(wrong) is None


def test_the_use_of_a_key_is_noted_at_most_once_a_minute() -> None:
    key, plain = api_keys.create("finance")

    recently = timezone.now() - timedelta(seconds=50)
    ApiKey.objects.update(last_used_at=recently)
    api_keys.authenticate(plain)
    assert ApiKey.objects.get(pk=key.pk).last_used_at == recently

    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    api_keys.authenticate(plain)
    noted = ApiKey.objects.get(pk=key.pk).last_used_at
    assert noted is not None
    assert noted > recently


def test_the_command_prints_the_key_and_nothing_else_on_standard_output() -> None:
    out, err = io.StringIO(), io.StringIO()

    call_command("create_api_key", "--name", "finance", stdout=out, stderr=err)

    plain = out.getvalue().removesuffix("\n")
    assert api_keys.authenticate(plain) == ApiKey.objects.get(name="finance")
    assert plain not in err.getvalue()


def test_the_command_names_who_gets_the_key() -> None:
    mia = make_staff("mia")

    call_command("create_api_key", "--name", "finance", "--for", "mia", stdout=io.StringIO(), stderr=io.StringIO())

    assert api_keys.makers(ApiKey.objects.get()) == [mia.pk]
    with pytest.raises(CommandError, match="Nobody has the user name zoe"):
        call_command("create_api_key", "--name", "other", "--for", "zoe")


def test_the_command_refuses_a_name_twice() -> None:
    call_command("create_api_key", "--name", "finance", stdout=io.StringIO(), stderr=io.StringIO())
    out = io.StringIO()

    with pytest.raises(CommandError, match="named 'finance' already") as refused:
        call_command("create_api_key", "--name", "finance", stdout=out)

    assert (refused.value.returncode, out.getvalue(), ApiKey.objects.count()) == (1, "", 1)


def test_the_logs_name_the_prefix_of_the_key_and_never_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    key, plain = api_keys.create("finance")
    root = logging.getLogger()
    before = root.handlers[:]
    # Once more, so that the handler writes to what this test captures.
    logs.configure({"level": "INFO"})
    Client(headers={"Authorization": f"Bearer {plain}"}).get("/api/v1/orders/")
    Client(headers={"Authorization": f"Bearer {plain}0"}).get("/api/v1/orders/")
    root.handlers = before

    written = capsys.readouterr().err
    ends = [line for line in map(json.loads, written.splitlines()) if line["event"] == "request_finished"]
    assert [(line["code"], line.get("api_key")) for line in ends] == [(200, key.prefix), (401, None)]
    assert plain[14:] not in written

"""Is every action on an order complete: its button, its right, its event and its endpoint?"""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from orders.actions.registry import VERBS
from orders.actions.verb import Verb
from orders.admin.actions import BUTTONS
from orders.timeline.kinds import kinds
from orders.timeline.wording import sentence

pytestmark = pytest.mark.django_db


def test_each_action_has_its_own_name_and_button() -> None:
    names = [verb.name for verb in VERBS]

    assert len(set(names)) == len(names)
    assert [button.name for button in BUTTONS] == names


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_action_is_guarded_by_a_right_that_exists(verb: Verb) -> None:
    app, _, codename = verb.permission.partition(".")

    assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists()


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_action_writes_an_event_with_a_sentence_of_its_own(verb: Verb) -> None:
    assert kinds()[verb.event.code] == verb.event
    assert sentence(verb.event.code, {}, "GBP") != verb.event.code


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.endpoint], ids=lambda verb: verb.name)
def test_each_action_that_the_api_offers_has_an_address(verb: Verb) -> None:
    assert verb.endpoint
    assert reverse(f"order-{verb.name}", args=[7]) == f"/api/v1/orders/7/{verb.endpoint.path}/"

"""Does every gateway pass the shared suite?"""

import pytest
from pytest_django import Settings

from tests.integrations.gateways.provider import Provider
from tests.integrations.gateways.suite import CASES, Case
from tests.integrations.gateways.suite_elsewhere import CASES_ELSEWHERE


@pytest.mark.parametrize("case", [*CASES, *CASES_ELSEWHERE], ids=lambda case: case.__name__)
def test_every_gateway(case: Case, provider: Provider, settings: Settings) -> None:
    case(provider, settings)

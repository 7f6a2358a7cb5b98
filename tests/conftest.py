"""What has a life of its own in tests? The database, the clients, the people, the clock and the servers."""

import os

from hypothesis import HealthCheck, settings

# A database rolls back after each example, so a fixture that lives for the whole test does no harm.
_HOUSE = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("quick", _HOUSE, max_examples=60)
settings.register_profile("nightly", _HOUSE, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

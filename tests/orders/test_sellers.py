"""What does the database refuse about sellers?"""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from orders.models import Seller
from tests.builders import make_seller

pytestmark = pytest.mark.django_db


def test_a_time_zone_that_nobody_knows_is_refused_by_form_and_by_database() -> None:
    seller = make_seller("lumen")
    seller.time_zone = "Europe/Lundon"

    with pytest.raises(ValidationError, match="Europe/Lundon is no time zone"):
        seller.full_clean()
    with pytest.raises(DatabaseError, match="Europe/Lundon"), transaction.atomic():
        seller.save()

    assert Seller.objects.get().time_zone == "Europe/London"

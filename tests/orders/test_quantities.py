"""Does what became of each unit follow from what the warehouse said, whatever it said?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.fulfilment.outcome import Figures, Line, outcome

ORDER = [Line("TEE", 2), Line("CAP", 1)]
COUNTS = st.integers(0, 6)
SKUS = st.sampled_from(["TEE", "CAP", "SOCK"])


def figures(ordered: int | None, despatched: int | None, cancelled: int | None, *, current: bool = True) -> Figures:
    return Figures(ordered, despatched, cancelled, current)


@pytest.mark.parametrize(
    ("noted", "told", "closed_as", "shipped", "cancelled"),
    [
        ({}, {}, "", [0, 0], [0, 0]),
        ({"TEE": 1}, {}, "", [1, 0], [0, 0]),
        ({"TEE": 1}, {}, "despatched", [1, 0], [1, 1]),
        ({"TEE": 2, "CAP": 1}, {}, "despatched", [2, 1], [0, 0]),
        ({}, {}, "cancelled", [0, 0], [2, 1]),
        ({}, {"TEE": figures(2, 1, 1)}, "", [1, 0], [1, 0]),
        ({"TEE": 2}, {"TEE": figures(2, 1, 0, current=False)}, "", [2, 0], [0, 0]),
        ({"TEE": 2}, {"TEE": figures(2, 2, 1)}, "", [2, 0], [0, 0]),
        ({"TEE": 3}, {}, "", [3, 0], [0, 0]),
    ],
)
def test_units_ship_and_are_cancelled_as_the_warehouse_says(
    noted: dict[str, int], told: dict[str, Figures], closed_as: str, shipped: list[int], cancelled: list[int]
) -> None:
    result = outcome(ORDER, noted, told, closed_as)

    assert (result.shipped, result.cancelled) == (shipped, cancelled)


def test_more_shipped_than_ordered_is_recorded_and_named() -> None:
    result = outcome(ORDER, {"TEE": 3, "SOCK": 1}, {"CAP": figures(4, None, None)}, "")

    assert result.shipped == [3, 0]
    assert result.over_shipped == {"TEE": 3}
    assert result.unknown_skus == ["SOCK"]
    assert result.mismatched == {"CAP": 4}


def test_a_sku_on_two_lines_ships_from_the_first_and_is_cancelled_from_the_last() -> None:
    lines = [Line("TEE", 2), Line("TEE", 2)]

    result = outcome(lines, {"TEE": 1}, {"TEE": figures(4, 1, 1)}, "")

    assert (result.shipped, result.cancelled) == ([1, 0], [0, 1])


def test_despatched_without_any_figure_cancels_nothing() -> None:
    result = outcome(ORDER, {}, {}, "despatched")

    assert (result.shipped, result.cancelled, result.closed_without_figures) == ([0, 0], [0, 0], True)


@given(
    st.lists(st.builds(Line, SKUS, st.integers(1, 5)), min_size=1, max_size=5),
    st.dictionaries(SKUS, COUNTS),
    st.dictionaries(
        SKUS, st.builds(Figures, COUNTS | st.none(), COUNTS | st.none(), COUNTS | st.none(), st.booleans())
    ),
    st.sampled_from(["", "despatched", "cancelled"]),
)
def test_no_unit_is_both_shipped_and_cancelled_and_none_is_lost(
    lines: list[Line], noted: dict[str, int], told: dict[str, Figures], closed_as: str
) -> None:
    result = outcome(lines, noted, told, closed_as)

    for line, shipped, cancelled in zip(lines, result.shipped, result.cancelled, strict=True):
        assert shipped >= 0
        assert 0 <= cancelled <= max(line.quantity - shipped, 0)
    for sku in {line.sku for line in lines}:
        shipped = sum(units for line, units in zip(lines, result.shipped, strict=True) if line.sku == sku)
        assert shipped >= noted.get(sku, 0)
    if closed_as and not result.closed_without_figures:
        decided = zip(lines, result.shipped, result.cancelled, strict=True)
        assert all(shipped + cancelled >= line.quantity for line, shipped, cancelled in decided)

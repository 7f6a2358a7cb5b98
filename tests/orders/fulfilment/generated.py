"""Generated facts of fulfilment quantities."""

from hypothesis import strategies as st

from tests.orders.fulfilment.cases import BOTH, EAST, at
from tests.orders.fulfilment.oracle_facts import Facts, Item, Message, Report, ReportLine, Shipment

SKUS = st.sampled_from(["A", "B", "C", "KIT", "P"])
FEW = st.integers(0, 3)
FIGURE = st.none() | FEW
HOURS = st.integers(0, 400).map(at)
UNITS = st.dictionaries(SKUS | st.just("a-old"), FEW, max_size=3).map(lambda units: tuple(sorted(units.items())))
STATUSES = st.sampled_from(["", "processing", "on_hold", "part_despatched", "despatched", "cancelled"])
TRACKING = st.sampled_from(["", "T1", "t-1", "T2"])
SHIPMENTS = st.builds(
    Shipment, st.sampled_from(["1", "2", "3"]), HOURS, HOURS, UNITS, TRACKING, st.booleans(), st.booleans()
)
LINES = st.lists(
    st.builds(ReportLine, SKUS | st.just("a-old"), FIGURE, FIGURE, FIGURE), max_size=3, unique_by=lambda line: line.sku
).map(tuple)
REPORTS = st.builds(Report, STATUSES, HOURS, LINES)
ITEMS = st.lists(
    st.builds(Item, SKUS, st.integers(1, 3), st.sampled_from([0, 500, 1000]), st.booleans() | st.just(True), FEW),
    min_size=1,
    max_size=4,
).map(tuple)


def messages(*warehouses: str) -> st.SearchStrategy[tuple[Message, ...]]:
    """What these warehouses sent of one order."""
    one = st.builds(
        Message,
        st.sampled_from(warehouses),
        st.sampled_from(["", "7", "8"]),
        st.lists(SHIPMENTS, max_size=2).map(tuple),
        st.none() | REPORTS,
    )
    return st.lists(one, max_size=6).map(tuple)


ROUTING = st.dictionaries(st.sampled_from(BOTH), st.dictionaries(SKUS, FEW, max_size=3), max_size=2)
FACTS = st.builds(
    Facts,
    ITEMS,
    st.sampled_from([(EAST,), BOTH]),
    messages(*BOTH),
    st.none() | ROUTING,
    st.lists(
        st.builds(
            Shipment,
            st.sampled_from(["H1", "H2"]),
            HOURS,
            HOURS,
            UNITS,
            TRACKING,
            st.booleans(),
            st.just(False),
            st.booleans(),
        ),
        max_size=2,
        unique_by=lambda hand: hand.number,
    ).map(tuple),
    st.sampled_from([frozenset(), frozenset({EAST}), frozenset(BOTH)]),
    st.sampled_from([{}, {("", "a-old"): "A"}]),
    st.sampled_from([{}, {"KIT": {"P": 2, "A": 1}}]),
)
"""Any facts: one or two warehouses, routed or not, with kits, another spelling and shipments by hand."""


@st.composite
def usual(draw: st.DrawFn) -> Facts:
    """Orders as they nearly all are: one warehouse for all, each SKU on one line, nothing by hand, no unknown SKU."""
    skus = draw(st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, unique=True))
    items = tuple(Item(sku, draw(st.integers(1, 3)), draw(st.sampled_from([0, 500]))) for sku in skus)
    units = st.dictionaries(st.sampled_from(skus), FEW).map(lambda lines: tuple(lines.items()))
    shipments = st.builds(
        Shipment,
        st.sampled_from(["1", "2"]),
        HOURS,
        HOURS,
        units,
        st.sampled_from(["", "T1"]),
        withdrawn=st.booleans(),
        planned=st.just(False),
    )
    lines = st.dictionaries(st.sampled_from(skus), st.tuples(FIGURE, FIGURE, FIGURE)).map(
        lambda figures: tuple(ReportLine(sku, *figure) for sku, figure in figures.items())
    )
    message = st.builds(
        Message,
        st.just(EAST),
        st.sampled_from(["", "7"]),
        st.lists(shipments, max_size=2).map(tuple),
        st.none() | st.builds(Report, STATUSES, HOURS, lines),
    )
    sent = tuple(draw(st.lists(message, min_size=1, max_size=4)))
    routing = draw(st.sampled_from([None, {EAST: {item.sku: item.quantity for item in items}}]))
    warehouses = (EAST,) if routing is None else draw(st.sampled_from([(EAST,), BOTH]))
    return Facts(items, warehouses, sent, routing)


USUAL = usual()


def has_ties(facts: Facts) -> bool:
    """Whether two forms of a shipment changed at the same time: the digests that decide then are the product's own."""
    forms = {(m.warehouse, s) for m in facts.messages for s in m.shipments}
    return len({(warehouse, s.number, s.changed_at, s.planned) for warehouse, s in forms}) < len(forms)

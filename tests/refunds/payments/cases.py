"""Worked cases of payments and their refunds, for the specification and for the product alike."""

from tests.refunds.payments.oracle import Due, Piece, Plan, Room

K = 10
"""Stripe's step in KWD."""

SPLITS = [  # name, amount, rooms, final, plan
    ("one payment", 4000, [Room("pi", 4000)], True, Plan((Piece("pi", 4000),))),
    (
        "192.60 = 92.60 card + 100.00 gift card, 132.60 back",
        13260,
        [Room("pi", 9260), Room("gc", 10000, 1, True)],
        False,
        Plan((Piece("pi", 9260), Piece("gc", 4000, True))),
    ),
    (
        "the same, gift card first",
        13260,
        [Room("gc", 10000, 1, True), Room("pi", 9260)],
        False,
        Plan((Piece("gc", 10000, True), Piece("pi", 3260))),
    ),
    ("two cards", 5000, [Room("a", 3000), Room("b", 9000)], False, Plan((Piece("a", 3000), Piece("b", 2000)))),
    ("nothing left of the first", 500, [Room("a", 0), Room("b", 900)], False, Plan((Piece("b", 500),))),
    ("more than the payments have left", 500, [Room("a", 300)], True, Plan((Piece("a", 300),), 0, 200)),
    ("KWD 3.333 of 10.000 at Stripe", 3333, [Room("pi", 10000, K)], False, Plan((Piece("pi", 3330),), 3)),
    ("KWD last third", 3340, [Room("pi", 3340, K)], True, Plan((Piece("pi", 3340),))),
    (
        "KWD, no 0.003 to a gift card",
        3333,
        [Room("pi", 10000, K), Room("gc", 500, 1, True)],
        False,
        Plan((Piece("pi", 3330),), 3),
    ),
    (
        "KWD, last, 0.003 by hand",
        3333,
        [Room("pi", 3333, K)],
        True,
        Plan((Piece("pi", 3330), Piece("pi", 3, True))),
    ),
    ("JPY has no decimals and needs none", 333, [Room("pi", 1000)], False, Plan((Piece("pi", 333),))),
    ("nothing payable yet", 7, [Room("pi", 10000, K)], False, Plan((), 7)),
]

DUES = [  # name, paid, value, cancelled, held, due
    ("paid, one of three cancelled", 9000, 9000, 3000, 0, Due(3000, 0, 0)),
    ("cash on delivery, cancelled before it came", 0, 3300, 3300, 0, Due(0, 0, 0)),
    ("cash on delivery, one of two cancelled", 0, 3300, 1000, 0, Due(0, 0, 2300)),
    ("300.00 deposit of 900.00, 100.00 cancelled", 30000, 90000, 10000, 0, Due(0, 0, 50000)),
    ("deposit, 700.00 cancelled", 30000, 90000, 70000, 0, Due(10000, 0, 0)),
    ("deposit, all cancelled", 30000, 90000, 90000, 0, Due(30000, 0, 0)),
    ("overpaid 100.00 for 10.00", 10000, 1000, 0, 0, Due(0, 9000, 0)),
    ("overpaid and all cancelled", 10000, 1000, 1000, 0, Due(1000, 9000, 0)),
    ("the second cancellation counts what the first holds", 9000, 9000, 6000, 3000, Due(3000, 0, 0)),
]

"""Who sells what to whom in the demo, and where? Invented names; prices in minor units of the seller's currency."""

from dataclasses import dataclass

Product = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Brand:
    """One seller. `tax` is its rate in percent; `free_from` is the order value from which delivery is free."""

    code: str
    name: str
    currency: str
    time_zone: str
    prefix: str
    tax: int
    delivery: tuple[tuple[str, int], ...]
    free_from: int
    gift: Product
    products: tuple[Product, ...]


BRANDS = (
    Brand(
        code="northfold",
        name="Northfold Outdoor",
        currency="GBP",
        time_zone="Europe/London",
        prefix="NF",
        tax=20,
        delivery=(("Tracked 48", 395), ("Next day", 695)),
        free_from=7500,
        gift=("GIFT-NF-PATCH", "Embroidered patch (free gift)", 0),
        products=(
            ("NF-RJ-SLATE-M", "Fellside rain jacket, slate, M", 12900),
            ("NF-RJ-SLATE-L", "Fellside rain jacket, slate, L", 12900),
            ("NF-RJ-MOSS-S", "Fellside rain jacket, moss, S", 12900),
            ("NF-FL-OAT-M", "Carrock fleece, oat, M", 6450),
            ("NF-FL-NAVY-L", "Carrock fleece, navy, L", 6450),
            ("NF-BP-22", "Day pack, 22 litres", 8495),
            ("NF-BP-35", "Trail pack, 35 litres", 11995),
            ("NF-SOCK-3942", "Merino hiking socks, 39–42", 1695),
            ("NF-SOCK-4346", "Merino hiking socks, 43–46", 1695),
            ("NF-BOTTLE-075", "Steel bottle, 0.75 litres", 2150),
            ("NF-LAMP-HEAD", "Head torch, rechargeable", 3299),
            ("NF-MUG-ENAMEL", "Enamel mug", 1199),
            ("NF-BEANIE-RUST", "Ribbed beanie, rust", 1995),
            ("NF-STOVE-GAS", "Folding gas stove", 2799),
        ),
    ),
    Brand(
        code="maison-linette",
        name="Maison Linette",
        currency="EUR",
        time_zone="Europe/Paris",
        prefix="ML",
        tax=20,
        delivery=(("Standard", 490), ("Express", 990)),
        free_from=9000,
        gift=("GIFT-ML-SACHET", "Lavender sachet (free gift)", 0),
        products=(
            ("ML-SHEET-140-ECRU", "Linen flat sheet 240 × 300, écru", 8990),
            ("ML-DUVET-200-SAGE", "Linen duvet cover 200 × 200, sage", 15900),
            ("ML-DUVET-240-CLAY", "Linen duvet cover 240 × 220, clay", 18900),
            ("ML-PILLOW-65-ECRU", "Pillowcase 65 × 65, écru", 2990),
            ("ML-PILLOW-50-CLAY", "Pillowcase 50 × 75, clay", 2790),
            ("ML-TOWEL-BATH-SEA", "Waffle bath towel, sea", 3450),
            ("ML-TOWEL-HAND-SEA", "Waffle hand towel, sea", 1650),
            ("ML-APRON-STRIPE", "Kitchen apron, striped", 4200),
            ("ML-NAPKIN-6", "Napkins, set of six", 3990),
            ("ML-CANDLE-FIG", "Scented candle, fig", 3333),
            ("ML-SOAP-OLIVE", "Olive oil soap, 200 g", 895),
            ("ML-ROBE-S-M", "Linen bathrobe, S/M", 11900),
        ),
    ),
    Brand(
        code="thistle-rye",
        name="Thistle & Rye",
        currency="GBP",
        time_zone="Europe/London",
        prefix="TR",
        tax=20,
        delivery=(("Standard", 449), ("Nominated day", 599)),
        free_from=5000,
        gift=("GIFT-TR-RECIPES", "Recipe booklet (free gift)", 0),
        products=(
            ("TR-KNIFE-CHEF-20", "Chef's knife, 20 cm", 7900),
            ("TR-KNIFE-BREAD", "Bread knife", 5450),
            ("TR-BOARD-OAK-L", "Oak chopping board, large", 4595),
            ("TR-PAN-IRON-26", "Cast-iron pan, 26 cm", 5999),
            ("TR-BANNETON-1KG", "Proofing basket, 1 kg", 1849),
            ("TR-SCALE-5KG", "Kitchen scale, 5 kg", 2695),
            ("TR-MILL-PEPPER", "Pepper mill, beech", 3175),
            ("TR-TEA-TOWEL-2", "Tea towels, pair", 1450),
            ("TR-JAR-1L", "Preserving jar, 1 litre", 625),
            ("TR-GRINDER-HAND", "Hand coffee grinder", 6900),
            ("TR-KETTLE-GOOSE", "Gooseneck kettle", 5499),
            ("TR-FILTER-100", "Paper filters, 100", 549),
        ),
    ),
)

CHANNELS = (
    ("web-shop", "Web shops", "web"),
    ("style-scouts", "Style Scouts affiliates", "affiliate"),
    ("market-hall", "Market Hall", "marketplace"),
)

FIRST_NAMES = (
    "Amelia", "Oliver", "Priya", "George", "Chloé", "Mateusz", "Niamh", "Yusuf", "Freya", "Luca", "Ingrid", "Kwame",
    "Sofia", "Henry", "Aoife", "Daniel", "Zoë", "Ravi", "Elin", "Thomas", "Grace", "Noor", "Jean-Luc", "Hannah",
)  # fmt: skip
LAST_NAMES = (
    "Ashworth", "Byrne", "Chaudhry", "Dubois", "Eriksen", "Fraser", "García", "Hughes", "Ibrahim", "Jankowski",
    "Keller", "Lindqvist", "Moreau", "Nwosu", "O'Connor", "Patel", "Quinn", "Rossi", "Sinclair", "Tanaka", "Underhill",
    "Vaughan", "Whitfield", "Young",
)  # fmt: skip
STREETS = ("Mill Lane", "Church Street", "Station Road", "Victoria Terrace", "Quay Side", "Orchard Close", "Park View")
RUES = ("rue des Lilas", "avenue de la Gare", "place du Marché", "rue Victor-Hugo", "quai Saint-Michel")

# Town and postcode; the digits after the blank of a British one are invented.
BRITISH_TOWNS = (
    ("Leeds", "LS6"), ("Bristol", "BS3"), ("Edinburgh", "EH9"), ("Norwich", "NR2"), ("Cardiff", "CF11"),
    ("York", "YO10"), ("Sheffield", "S11"), ("Exeter", "EX4"), ("Belfast", "BT9"), ("Brighton", "BN2"),
)  # fmt: skip
FRENCH_TOWNS = (
    ("Lyon", "69003"), ("Nantes", "44000"), ("Bordeaux", "33000"), ("Lille", "59800"), ("Rennes", "35000"),
    ("Annecy", "74000"), ("Toulouse", "31000"),
)  # fmt: skip

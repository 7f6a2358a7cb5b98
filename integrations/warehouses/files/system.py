"""How do shipping files do what every warehouse system must be able to do?"""


class ShippingFiles:
    """Shipping files in a folder per seller."""

    label = "Shipping files"

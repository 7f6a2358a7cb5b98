"""How does ProSKU do what every warehouse system must be able to do?"""


class ProSku:
    """ProSKU's API."""

    label = "ProSKU"

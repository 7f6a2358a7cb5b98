"""How do other systems read orders, shipments, events and what stands around them?

Amounts are decimal strings of the currency beside them, moments are UTC. What is not known is null.
"""

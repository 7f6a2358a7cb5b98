"""How does every endpoint of the API page, filter, fail and describe itself?

The endpoints stand in each app's `api.py`; the settings give them these parts.
"""

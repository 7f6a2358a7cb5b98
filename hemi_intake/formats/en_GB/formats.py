"""How does Django itself write moments? (as our own pages do: by the clock's 24 hours)"""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"

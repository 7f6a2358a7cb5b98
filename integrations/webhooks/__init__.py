"""How do other systems learn what happened? Signed messages to their endpoints, over the outbox."""

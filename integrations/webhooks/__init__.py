"""How do other systems hear of what happened? The timeline is the outbox; what is due is in rows."""

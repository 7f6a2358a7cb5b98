"""How does what happened leave this installation? The timeline is the outbox; what is due is in rows."""

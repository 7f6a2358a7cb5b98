"""What does a newcomer see? Three sellers' orders, a warehouse that moves them, and people who decide."""

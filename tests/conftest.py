"""What has a life of its own in tests? The database, the clients, the people, the clock and the servers."""

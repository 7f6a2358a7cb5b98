"""Where does the demo's money live? A tiny payment provider: its own process, real HTTP, able to misbehave."""

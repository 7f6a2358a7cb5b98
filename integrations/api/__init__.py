"""Who may use the API how often, and what do other systems write through it?"""

"""Which systems outside are connected, with which credentials, and how are their words mapped to ours?"""

"""A Bitcoin Cash peer on Python's standard library alone, written from the protocol's description.

It shares no code, and no author's habits, with the library it is a peer of: what both agree on is the protocol.
"""

"""Peers written with the standard library alone: they share no code with PeerKit."""

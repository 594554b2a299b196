"""Varde, the node: the Django service that people use.

It orchestrates, stores, shows and guards; it decides nothing clinical.
"""

"""Varde, the library: the science and the rules of personalised medicine. Values in, values out."""

__version__ = "0.1.0"

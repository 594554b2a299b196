"""The registers: knowledge that many examinations give together."""

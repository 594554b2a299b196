"""Readers of what quality tools write: each file becomes measurements, each with its file, checksum and tool."""

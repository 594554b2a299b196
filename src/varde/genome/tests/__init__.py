"""Tests of varde.genome."""

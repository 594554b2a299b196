"""The demo country: a seeded synthetic genome, its people, and families with planted answers. No real person's data."""

"""The only place that knows every domain: settings, addresses, the look, languages, errors, health and the launcher."""

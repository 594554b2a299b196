"""Long work with progress, heartbeat, retry and a result: everybody's ground floor.

A domain registers a function under a kind and enqueues it by identifiers; the page reads the job's row.
"""

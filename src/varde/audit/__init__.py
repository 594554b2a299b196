"""The transparency log: canonical events, salted commitments, an RFC 6962 tree over stored bytes, and its proofs."""

"""Organisations, persons, staff and roles; sign-in; the one access decision; the audit trail (who has looked).

Every other domain asks ``services.require`` before it shows or changes anything; a refusal and a look at personal data
are both written to the trail. Strategy: B2 (access), B4 (transparency).
"""

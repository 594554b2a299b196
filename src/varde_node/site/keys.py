"""The keys that pages answer to. Pages show their own beside the buttons; this is the whole list."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHORTCUTS: tuple[tuple[str | Promise, tuple[tuple[str, str | Promise], ...]], ...] = (
    (_("Everywhere"), (("?", _("this page")), ("n", _("the next step of a case")), ("Esc", _("out of a field")))),
    (
        _("Candidates and lists"),
        (("j", _("the next one, or the next page")), ("k", _("the one before")), ("e", _("on to the next station"))),
    ),
    (
        _("A variant"),
        (
            ("j", _("the next variant")),
            ("k", _("the variant before")),
            ("c", _("to the criteria")),
            ("d", _("to the decision")),
            ("1 … 5", _("choose the class")),
            ("r", _("to the reasoning")),
            ("a", _("into the answer, or not")),
            ("x", _("set aside without a class")),
            ("s", _("store")),
            ("e", _("on to the conclusion")),
        ),
    ),
    (_("Conclusion and approval"), (("s", _("sign")), ("e", _("to the approval")))),
)

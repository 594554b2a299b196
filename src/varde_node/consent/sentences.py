"""The library's sentences on consent, named here so that they are translated; a test holds the two together."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from varde.consent import Reason
from varde_node.formats import day

SENTENCES = (
    _("Allowed by the consent given on {given}."),
    _("Allowed: the ethics committee has waived consent ({reference}); nobody objected."),
    _("Allowed by the decision {reference}, without consent; nobody objected."),
    _("Allowed without consent: what is kept is anonymous; nobody objected."),
    _("Allowed for what is already under way: the person has turned {age} and has not answered yet."),
    _("Refused: no legal rule in force is set for this purpose on {day}."),
    _("Refused: the person objected on {day}."),
    _("Refused: the consent was withdrawn on {day}."),
    _("Refused: the consent is suspended."),
    _("Refused: the consent form has not been signed."),
    _("Refused: the consent ended on {day}."),
    _("Refused: the consent is valid from {day}."),
    _("Refused: no consent is recorded."),
    _("Refused: the person said no to this."),
    _("Refused: the person has not been asked about this."),
    _("Refused: the consent does not cover this recipient."),
    _("Refused: the consent does not cover processing in {countries}."),
    _("Refused: it is not known in which countries the data will be processed."),
    _("Refused: the consent does not cover commercial actors."),
    _("Refused: only for the enterprise's own use."),
    _("Refused: a valid approval is missing ({approval})."),
    _("Refused: research is decided per project, and no project is named."),
    _("Refused: the date of birth is not known, so it cannot be told who may decide."),
    _("Refused: the person was under {age} and a parent must decide."),
    _("Refused: the person was {age} or older and decides alone."),
    _("Refused: the person has turned {age} and must answer in their own name."),
    _("Refused: the child was {age} or older, and its own view is not recorded."),
    _("Refused: the right to decide for the person was not valid on {day}."),
    _("Refused: written consent is required."),
    _("Allowed: a diagnostic examination follows the ordinary rules of consent."),
    _("Allowed: a pharmacogenetic examination is exempt."),
    _("Allowed: written consent and counselling are in place."),
    _("Refused: the purpose of the examination is not given."),
    _("Refused: written consent before the test is required."),
    _("Refused: genetic counselling adapted to the case is not recorded."),
    _("Refused: a child under {age} is not tested unless treatment can prevent harm."),
    _("Refused: a parent must sign and be counselled for a child under {age}."),
    _("Refused: the date of birth is not known."),
    _("Refused: it is not stated whether the test also predicts disease."),
)
DATES = frozenset({"given", "day"})


def sentence(reason: Reason) -> str:
    """A reason in the reader's language, with its dates as that language writes them."""
    told = {name: day(date.fromisoformat(str(value))) if name in DATES else value for name, value in reason.parameters}
    return gettext(reason.template).format(**told)

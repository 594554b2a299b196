"""The order form: one page, sections that ask only what is needed."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde_node.clinic import services
from varde_node.clinic.orders import CounsellingContent, FamilyConsent, OrderContent, OrderedRelative
from varde_node.lab import queries as lab_queries
from varde_node.lab.queries import phenotypes
from varde_node.people import queries as people_queries

TERM_FIELDS = tuple(f"term_{place}" for place in range(1, 7))
ABSENT_FIELDS = tuple(f"absent_{place}" for place in range(1, 4))
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")
RELATIVES = range(1, 5)
"""Rows for other relatives on the form."""
RELATIVE_CHOICES = [
    ("sibling", _("Sibling")),
    ("maternal_half_sibling", _("Half sibling by the mother")),
    ("paternal_half_sibling", _("Half sibling by the father")),
    ("maternal_grandmother", _("Mother's mother")),
    ("maternal_grandfather", _("Mother's father")),
    ("paternal_grandmother", _("Father's mother")),
    ("paternal_grandfather", _("Father's father")),
    ("offspring", _("Child of the patient")),
    ("other", _("Other relative")),
]
AFFECTED_CHOICES = [("no", _("not affected")), ("yes", _("affected")), ("", _("not known whether affected"))]
AGREED = {
    "agreed_panel": Purpose.CARE_PANEL,
    "agreed_all_genes": Purpose.CARE_ALL_GENES,
    "agreed_incidental": Purpose.INCIDENTAL_FINDINGS,
    "agreed_matchmaking": Purpose.MATCHMAKING,
    "agreed_register": Purpose.REGISTER_COUNT,
}
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
FIELD_OF_ERROR = {
    "consent": "consent_by",
    "decided_by": "consent_by",
    "decided_at": "consent_on",
    "allowed": "consent_by",
    "means": "consent_means",
    "counselling": "counselled_by",
    "by_name": "counselled_by",
    "competence": "counsellor_competence",
    "held_on": "counselled_on",
    "language": "counselling_language",
    "mother": "mother_identifier",
    "father": "father_identifier",
    "relatives": "relative_1_identifier",
    "hpo_terms": "term_1",
    "hpo_excluded": "absent_1",
}
"""Where an error of the services is shown in the form; other names are the form's own."""


class PatientForm(forms.Form):
    """Finding the child by national identifier; sent by POST, so that the number stands in no address."""

    national_identifier = forms.CharField(
        label=_("The child's national identifier"),
        help_text=_("11 digits. The look-up is shown to the family among those who have looked."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class OrderForm(forms.Form):
    """An order with consent and counselling."""

    mother_identifier = forms.CharField(
        label=_("The mother's national identifier"),
        help_text=_("Empty when she is not examined."),
        max_length=20,
        required=False,
    )
    mother_affected = forms.BooleanField(label=_("The mother has the same disease"), required=False)
    father_identifier = forms.CharField(
        label=_("The father's national identifier"),
        help_text=_("Empty when he is not examined."),
        max_length=20,
        required=False,
    )
    father_affected = forms.BooleanField(label=_("The father has the same disease"), required=False)
    indication = forms.CharField(
        label=_("Indication"),
        help_text=_("Why the child is examined, in a sentence or two."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    named_genes = forms.CharField(
        label=_("Genes that you suspect"),
        help_text=_("Symbols separated by commas. They are looked at whatever the panel."),
        required=False,
        max_length=400,
    )
    panel = forms.ChoiceField(
        label=_("Panel that is looked at first"),
        help_text=_("All genes are opened only if the panel gives no answer and the family has agreed."),
    )
    laboratory = forms.ChoiceField(label=_("Laboratory"))
    urgent = forms.BooleanField(label=_("Urgent: the answer decides treatment now"), required=False)
    consent_by = forms.ChoiceField(label=_("Who signs"), required=False, widget=forms.RadioSelect, choices=())
    agreed_panel = forms.BooleanField(label=_("Analysis of the panel"), required=False)
    agreed_all_genes = forms.BooleanField(label=_("All genes, if the panel gives no answer"), required=False)
    agreed_incidental = forms.BooleanField(
        label=_("To be told of incidental findings that can be treated"), required=False
    )
    agreed_matchmaking = forms.BooleanField(
        label=_("To ask hospitals in the EEA about others with the same gene"), required=False
    )
    agreed_register = forms.BooleanField(label=_("To be counted in the anonymous frequency register"), required=False)
    consent_means = forms.ChoiceField(
        label=_("How it was given"),
        required=False,
        choices=[("desk", _("At the desk, read and signed here")), ("paper", _("On paper"))],
    )
    consent_language = forms.ChoiceField(label=_("Language of the form they read"), required=False, choices=LANGUAGES)
    counselled_by = forms.CharField(label=_("Who talked with the family"), required=False, max_length=120)
    counsellor_competence = forms.CharField(
        label=_("Competence"), required=False, max_length=120, help_text=_("For example genetic counsellor.")
    )
    counselled_on = forms.DateField(label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    counselling_language = forms.CharField(label=_("Language of the talk"), required=False, max_length=40)
    interpreter = forms.BooleanField(label=_("An interpreter took part"), required=False)

    def __init__(self, *args: Any, patient_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient_id = patient_id
        self.parents: dict[str, people_queries.PersonView] = {}
        self.relatives: dict[int, people_queries.PersonView] = {}
        for number in RELATIVES:
            self._add_relative(number)
        for place, name in enumerate(TERM_FIELDS, start=1):
            self.fields[name] = _term_field(_("Term %(number)d") % {"number": place})
        for place, name in enumerate(ABSENT_FIELDS, start=1):
            self.fields[name] = _term_field(_("Not present %(number)d") % {"number": place})
        panels = [
            (f"{one.version}|{one.name}", f"{one.name} {one.version} ({one.genes})") for one in lab_queries.panels()
        ]
        self.fields["panel"].choices = panels
        laboratories = people_queries.organisations("laboratory")
        self.fields["laboratory"].choices = [(str(one.id), one.name) for one in laboratories]
        self.fields["consent_by"].choices = [
            ("", _("Nobody yet")),
            ("mother", _("The mother")),
            ("father", _("The father")),
            ("patient", _("The patient, who decides alone (16 years or older)")),
        ]
        for name in ("mother_identifier", "father_identifier"):
            self.fields[name].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def _add_relative(self, number: int) -> None:
        named = {"number": number}
        identifier = forms.CharField(
            label=_("Relative %(number)d: national identifier") % named, required=False, max_length=20
        )
        identifier.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        self.fields[f"relative_{number}_identifier"] = identifier
        self.fields[f"relative_{number}_role"] = forms.ChoiceField(
            label=_("Relative %(number)d: relation to the child") % named, required=False, choices=RELATIVE_CHOICES
        )
        self.fields[f"relative_{number}_affected"] = forms.ChoiceField(
            label=_("Relative %(number)d: the same disease") % named, required=False, choices=AFFECTED_CHOICES
        )

    @property
    def relative_rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of other relatives, row by row."""
        return [
            tuple(self[f"relative_{number}_{name}"] for name in ("identifier", "role", "affected"))
            for number in RELATIVES
        ]

    @property
    def has_relatives(self) -> bool:
        """Whether a row is filled in, or refused: then they are shown open."""
        return any(identifier.value() or identifier.errors for identifier, _role, _affected in self.relative_rows)

    @property
    def term_fields(self) -> list[Any]:
        """The fields of phenotype terms."""
        return [self[name] for name in TERM_FIELDS]

    @property
    def absent_fields(self) -> list[Any]:
        """The fields of terms that are not present."""
        return [self[name] for name in ABSENT_FIELDS]

    @property
    def has_absent(self) -> bool:
        """Whether one is filled in, or refused: then they are shown open."""
        return any(field.value() or field.errors for field in self.absent_fields)

    def clean_named_genes(self) -> tuple[str, ...]:
        """Symbols, each once."""
        symbols = tuple(
            dict.fromkeys(one.strip() for one in self.cleaned_data["named_genes"].split(",") if one.strip())
        )
        for symbol in symbols:
            if not _SYMBOL.match(symbol):
                raise ValidationError(_("“%(text)s” is no gene symbol."), params={"text": symbol[:40]})
        return symbols

    def clean_mother_identifier(self) -> str:
        """The mother must be known, where she is given."""
        return self._known("mother")

    def clean_father_identifier(self) -> str:
        """The father must be known, where he is given."""
        return self._known("father")

    def clean(self) -> dict[str, Any]:
        """Phenotype terms are read, and a counselling record is whole or absent."""
        values = super().clean() or {}
        values["hpo_terms"] = self._terms(TERM_FIELDS)
        values["hpo_excluded"] = self._terms(ABSENT_FIELDS)
        if any(values.get(name) for name in ("counselled_by", "counsellor_competence", "counselling_language")):
            for name in ("counselled_by", "counsellor_competence", "counselled_on", "counselling_language"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill in this field, or leave the whole talk empty."))
        for number in RELATIVES:
            self._clean_relative(number)
        signer = values.get("consent_by")
        if signer in ("mother", "father") and signer not in self.parents and f"{signer}_identifier" not in self.errors:
            self.add_error("consent_by", _("This parent is not examined: choose who signs among those who are."))
        agreed = [name for name in AGREED if values.get(name)]
        if agreed and not values.get("consent_by"):
            self.add_error("consent_by", _("Say who signed."))
        return values

    def _terms(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The terms of these fields; what is none is said at its field."""
        terms = []
        for name in names:
            if self.cleaned_data.get(name):
                try:
                    terms.append(phenotypes.read(self.cleaned_data[name]))
                except InputError as error:
                    self.add_error(name, f"{error.problem} {error.remedy}")
        return tuple(dict.fromkeys(terms))

    def content(self) -> OrderContent:
        """The order that the form holds."""
        values = self.cleaned_data
        version, _bar, name = values["panel"].partition("|")
        return OrderContent(
            patient_id=self.patient_id,
            mother_id=self.parents["mother"].id if "mother" in self.parents else None,
            father_id=self.parents["father"].id if "father" in self.parents else None,
            laboratory_id=UUID(values["laboratory"]),
            indication=values["indication"],
            hpo_terms=values["hpo_terms"],
            hpo_excluded=values["hpo_excluded"],
            named_genes=values["named_genes"],
            panel_name=name,
            panel_version=version,
            urgent=values["urgent"],
            mother_affected="mother" in self.parents and values["mother_affected"],
            father_affected="father" in self.parents and values["father_affected"],
            relatives=tuple(
                OrderedRelative(
                    values[f"relative_{number}_role"],
                    self.relatives[number].id,
                    {"yes": True, "no": False}.get(values[f"relative_{number}_affected"]),
                )
                for number in RELATIVES
                if number in self.relatives
            ),
        )

    def consent(self) -> FamilyConsent | None:
        """What the parents agreed to, when the form says so."""
        values = self.cleaned_data
        if not values["consent_by"]:
            return None
        return FamilyConsent(
            decided_by_id=self.patient_id
            if values["consent_by"] == "patient"
            else self.parents[values["consent_by"]].id,
            purposes=tuple(purpose.value for name, purpose in AGREED.items() if values[name]),
            means=values["consent_means"] or "desk",
            language=values["consent_language"] or "nb",
        )

    def counselling(self) -> CounsellingContent | None:
        """The talk that the form records, if any."""
        values = self.cleaned_data
        if not values["counselled_by"]:
            return None
        return CounsellingContent(
            by_name=values["counselled_by"],
            competence=values["counsellor_competence"],
            held_on=values["counselled_on"] or timezone.localdate(),
            language=values["counselling_language"],
            interpreter=values["interpreter"],
        )

    def show(self, error: InputError) -> None:
        """Put an error of the services at its field."""
        name = FIELD_OF_ERROR.get(error.field or "", error.field)
        self.add_error(name if name in self.fields else None, f"{error.problem} {error.remedy}")

    def _known(self, role: str) -> str:
        text: str = self.cleaned_data[f"{role}_identifier"].strip()
        if text:
            self.parents[role] = _person(text, role)
        return text

    def _clean_relative(self, number: int) -> None:
        name = f"relative_{number}_identifier"
        text = (self.cleaned_data.get(name) or "").strip()
        if not text:
            return
        try:
            self.relatives[number] = _person(text, name)
        except ValidationError as error:
            self.add_error(name, error)


def _term_field(label: str) -> forms.CharField:
    """A field with type-ahead over the ontology's names; without scripts it offers the most used ones."""
    field = forms.CharField(label=label, required=False, max_length=120)
    field.widget.attrs |= {"list": "phenotypes", "autocomplete": "off", "hx-get": reverse("lab:phenotype_terms")}
    field.widget.attrs |= {"hx-trigger": "input changed delay:250ms", "hx-target": "#phenotypes"}
    return field


def _person(text: str, field: str) -> people_queries.PersonView:
    """The known person of a written national identifier."""
    try:
        digits = services.checked_identifier(text, field)
    except InputError as error:
        raise ValidationError(f"{error.problem} {error.remedy}") from error
    person = people_queries.person_by_identifier(digits)
    if person is None:
        raise ValidationError(_("Nobody with this number is known here."))
    return person


def initial_of(content: OrderContent, people: dict[UUID, people_queries.PersonView]) -> dict[str, Any]:
    """The form's values of a stored draft."""
    terms = {
        name: f"{phenotypes.name_of(term)} ({term})"
        for names, listed in ((TERM_FIELDS, content.hpo_terms), (ABSENT_FIELDS, content.hpo_excluded))
        for name, term in zip(names, listed, strict=False)
    }
    relatives = {
        f"relative_{number}_{name}": value
        for number, one in zip(RELATIVES, content.relatives, strict=False)
        for name, value in (
            ("identifier", people[one.person_id].national_identifier),
            ("role", one.role),
            ("affected", {True: "yes", False: "no", None: ""}[one.affected]),
        )
    }
    return {
        **relatives,
        "mother_identifier": people[content.mother_id].national_identifier if content.mother_id else "",
        "father_identifier": people[content.father_id].national_identifier if content.father_id else "",
        "mother_affected": content.mother_affected,
        "father_affected": content.father_affected,
        "indication": content.indication,
        "panel": f"{content.panel_version}|{content.panel_name}",
        "laboratory": str(content.laboratory_id),
        "urgent": content.urgent,
        "named_genes": ", ".join(content.named_genes),
        **terms,
    }

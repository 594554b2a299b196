"""Long work of the laboratory."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from varde_node.consent.contracts import on_changed
from varde_node.jobs.services import JobKind, Progress, register_job


def analyse(progress: Progress, analysis_id: str) -> Sequence[str]:
    """Analyse a case's files; the result is the case."""
    from varde_node.lab.services.analysis import analyse_case

    return [str(analyse_case(UUID(analysis_id), progress))]


def prepare_layer(progress: Progress, layer_id: str) -> Sequence[str]:
    """Prepare a case's structural variants or repeats; the result is the case."""
    from varde_node.lab.services.layers import prepare_layer

    return [str(prepare_layer(UUID(layer_id), progress))]


def count(progress: Progress, case_id: str) -> Sequence[str]:
    """Count a signed case in the frequency register; the result is the case."""
    from varde_node.lab.services.counting import count_case

    progress(0.1, "Counting")
    count_case(UUID(case_id))
    return [case_id]


def withdraw_count(progress: Progress, sample_id: str) -> Sequence[str]:
    """Take a person's contribution out of the frequency register, if they now object."""
    from varde_node.lab.services.counting import settle_withdrawal

    settle_withdrawal(UUID(sample_id))
    return []


def ask_service(progress: Progress, question_id: str) -> Sequence[str]:
    """Send a question to a service of the Matchmaker Exchange; the result is the question's case."""
    from varde_node.lab.services.matchmaking import send_question

    progress(0.1, "Asking")
    return [str(send_question(UUID(question_id)))]


def process(progress: Progress, run_id: str) -> Sequence[str]:
    """Run the workflow over a case's reads; the result is the case."""
    from varde_node.lab.services.pipeline import run_processing

    return [str(run_processing(UUID(run_id), progress))]


def measure(progress: Progress, truth_run_id: str) -> Sequence[str]:
    """Run the workflow over a truth sample's reads and compare; the result is the measurement."""
    from varde_node.lab.services.truth import measure_truth

    return [str(measure_truth(UUID(truth_run_id), progress))]


def cover(progress: Progress, file_id: str) -> Sequence[str]:
    """Compute the coverage that a depth file tells of; the result is the case."""
    from varde_node.lab.services.coverage import compute_coverage

    progress(0.1, "Reading the depths")
    return [str(compute_coverage(UUID(file_id)))]


def import_knowledge(progress: Progress, source_id: str) -> Sequence[str]:
    """Import a knowledge source; the result is the source."""
    from varde_node.lab.services.knowledge import import_brought

    import_brought(UUID(source_id), progress)
    return [source_id]


def compare_knowledge(progress: Progress, comparison_id: str) -> Sequence[str]:
    """Find what a source would change in the laboratory's cases."""
    from varde_node.lab.services.knowledge import compare

    compare(UUID(comparison_id), progress)
    return []


def consent_changed(subject_id: UUID) -> None:
    """What the laboratory does when a person's decisions change."""
    from varde_node.lab.services import counting

    counting.consent_changed(subject_id)


def register() -> None:
    """Register the kinds of jobs."""
    register_job(JobKind("lab.analyse", _("Analysis of a family's files"), analyse, result_url_name="lab:case"))
    layer = _("Structural variants or repeats of a family")
    register_job(JobKind("lab.layer", layer, prepare_layer, result_url_name="lab:case"))
    register_job(JobKind("lab.count", _("Counting in the frequency register"), count, result_url_name="lab:case"))
    processing = _("From reads to variants")
    register_job(JobKind("lab.process", processing, process, result_url_name="lab:processing"))
    measuring = _("Pipeline held against a truth sample")
    register_job(JobKind("lab.measure_truth", measuring, measure, result_url_name="lab:truth_run"))
    register_job(JobKind("lab.coverage", _("Coverage of the genes"), cover, result_url_name="lab:coverage"))
    asking = _("Question to other hospitals")
    register_job(JobKind("lab.matchmaking.ask", asking, ask_service, result_url_name="lab:matchmaking"))
    withdrawal = _("Withdrawal from the frequency register")
    register_job(JobKind("lab.withdraw_count", withdrawal, withdraw_count, cancellable=False))
    importing = _("Import of a knowledge source")
    register_job(JobKind("lab.knowledge.import", importing, import_knowledge, result_url_name="lab:knowledge_source"))
    register_job(JobKind("lab.knowledge.compare", _("What a source would change"), compare_knowledge))
    on_changed(consent_changed)
